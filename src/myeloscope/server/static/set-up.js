// The secret stands behind the # of the address, so that it is never sent in one.
const form = document.getElementById("set-up");
const answer = document.getElementById("answer");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = { secret: location.hash.slice(1), password: form.password.value };
  if (form.elements.name.value) given.name = form.elements.name.value;
  const response = await fetch("/api/set-up", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(given),
  });
  const record = await response.json();
  if (response.ok) {
    location.replace("/");
  } else {
    answer.textContent = `${record.rule}; ${record.remedy}.`;
  }
});
