import { render } from "preact";
import "@fontsource-variable/inter/wght.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import { App } from "./app";

const place = document.getElementById("app");
if (place !== null) {
  render(<App />, place);
}
