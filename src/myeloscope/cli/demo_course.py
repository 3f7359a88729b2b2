"""The demonstration's patient over time: a cisternogram, a blood patch and a follow-up myelogram.

All of it is simulated; dates follow from the patient's first day.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path

from myeloscope import __version__
from myeloscope.cli.compare import write_comparison
from myeloscope.cli.dossier import write_dossier
from myeloscope.cli.phantom import write_phantom, write_ric
from myeloscope.comparison.course import follow
from myeloscope.domain.anatomy import Region
from myeloscope.exchange.patient_folder import load_reading, read_patient
from myeloscope.pathway.dossier import make_dossier
from myeloscope.pathway.rules_file import shipped_rules
from myeloscope.phantom import demo_spec
from myeloscope.phantom.making import acquired
from myeloscope.phantom.ric_making import make_ric
from myeloscope.phantom.ric_spec import Packing, RicRuin, RicSpec
from myeloscope.phantom.visits import Visit, make_visit

RIC_DAYS, EBP_DAYS, FOLLOW_UP_DAYS = 2, 12, 75
"""Days after the first myelogram; PAPER: cisternography within 1-5 days, follow-up after 14 days to
6 months."""
WIDER = 0.08
"""By which part the sac has widened at follow-up."""
RIC, FOLLOW_UP = "ric", "follow-up"
PATIENT = """\
# A simulated patient: what `myeloscope dossier` takes. Nobody is meant.
[patient]
id = "demo"
age = {age}
sex = "{sex}"

[symptoms]
onset = {onset}
orthostatic_headache = true
temporal_relation = true

[brain_mri]
date = {brain}
contrast = true
pachymeningeal_enhancement = true
suprasellar = "3.4 mm"
mamillopontine = "5.8 mm"

[[punctures]]
date = {ric}
purpose = "radioisotope cisternography"
level = "L3/4"
opening_pressure = "50 mmH2O"

[[studies]]
technique = "mrm"
reading = "reading.json"

[[studies]]
technique = "ric"
reading = "ric/reading.json"

[[treatments]]
kind = "ebp"
date = {ebp}
levels = ["T2/3"]
side = "left"
volume = "15 mL"
targeted = true
result = "improved"
result_date = {follow_up}

[[studies]]
technique = "mrm"
reading = "follow-up/reading.json"
"""


@dataclass(frozen=True, slots=True)
class Days:
    """Days of the patient's course."""

    first: datetime.date

    def after(self, days: int) -> datetime.date:
        """Return the day so many days after the first myelogram."""
        return self.first + datetime.timedelta(days)


def days_of_demo() -> Days:
    """Return the days of the demonstration's patient."""
    return Days(datetime.datetime.fromisoformat(acquired(demo_spec(), 0)).date())


def simulate_course(folder: Path) -> None:
    """Write the cisternogram and the follow-up myelogram of the demonstration's patient.

    The leak at L1 has gone at follow-up, that at T2 is less, the cyst is as it was.
    """
    spec = demo_spec()
    signs = replace(spec, signs_ric=frozenset({Region.THORACIC, Region.LUMBAR}))
    ric = RicSpec(signs, Packing.TWO_FRAMES, RicRuin.NONE, extravasation=False, days=RIC_DAYS)
    write_ric(make_ric(ric), "demo", folder / RIC)
    leak, _, cyst = spec.findings or ()
    less = replace(leak, grade=None, ratio=0.4)
    visit = Visit(1, (less, cyst), wider=WIDER, days=FOLLOW_UP_DAYS)
    write_phantom(make_visit(spec, visit), "demo", folder / FOLLOW_UP)


def write_course(folder: Path) -> None:
    """Write patient.toml, dossier and comparison from the readings that a folder holds."""
    days, spec = days_of_demo(), demo_spec()
    text = PATIENT.format(
        age=spec.age_years or 40,
        sex=spec.sex or "F",
        onset=days.after(-30),
        brain=days.after(-6),
        ric=days.after(RIC_DAYS),
        ebp=days.after(EBP_DAYS),
        follow_up=days.after(FOLLOW_UP_DAYS),
    )
    patient = folder / "patient.toml"
    patient.write_text(text, encoding="utf-8")
    rules, as_of = shipped_rules(), days.after(FOLLOW_UP_DAYS + 1)
    dossier = make_dossier(
        read_patient(patient, rules, as_of), rules, as_of, __version__, "shipped"
    )
    write_dossier(dossier, patient, folder / "dossier", overwrite=False)
    readings = [load_reading(folder / name) for name in (".", RIC, FOLLOW_UP)]
    course = follow(readings, [days.after(EBP_DAYS)])
    write_comparison(course, folder / "comparison", overwrite=False)
