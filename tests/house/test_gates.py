"""Each gate can fail: it is fed what it must refuse, and what it must let pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import gates

LONG_BODY = "def f():\n" + "    x = 1\n" * 41
FULL_BODY = 'def f():\n    """Say.\n\n    More.\n    """\n' + "    x = 1\n" * 40
REFUSED: list[tuple[gates.Rule, str]] = [
    (gates.too_long_file, "x = 1\n" * 401),
    (gates.too_long_functions, LONG_BODY),
    (gates.too_long_functions, "class A:\n    async " + LONG_BODY.replace("\n    ", "\n        ")),
    (gates.too_many_parameters, "def f(a, b, c, d, e, *, g, h): ..."),
    (gates.too_many_parameters, "def f(a, b, c, d, e, *rest, **more): ..."),
    (gates.missing_docstrings, "x = 1"),
    (gates.missing_docstrings, '"""M."""\ndef f(): ...'),
    (gates.missing_docstrings, '"""M."""\nclass A:\n    """A."""\n    def f(self): ...'),
    (gates.broad_excepts, "try:\n    f()\nexcept Exception:\n    pass"),
    (gates.broad_excepts, "try:\n    f()\nexcept (OSError, BaseException):\n    pass"),
    (gates.broad_excepts, "try:\n    f()\nexcept:\n    pass"),
    (gates.prints, "def f():\n    print(1)"),
    (gates.hidden_imports, "def f():\n    import scipy"),
    (gates.hidden_imports, "def f():\n    from scipy import ndimage"),
    (gates.global_state, "def f():\n    global x"),
    (gates.idle_tests, "def test_x():\n    f()"),
    (gates.idle_tests, "def prepare():\n    f()\ndef test_x():\n    prepare()"),
    (gates.skipped_tests, "import pytest\npytest.skip('no')"),
    (gates.skipped_tests, "import pytest\n@pytest.mark.skipif(True, reason='')\ndef test_x(): ..."),
    (gates.skipped_tests, "import pytest\nx = pytest.importorskip('torch')"),
]
ALLOWED: list[tuple[gates.Rule, str]] = [
    (gates.too_long_file, "x = 1\n" * 400),
    (gates.too_long_functions, FULL_BODY),
    (gates.too_many_parameters, "class A:\n    def f(self, a, b, c, *, d, e, g): ..."),
    (gates.missing_docstrings, '"""M."""\ndef f():\n    """Do."""\ndef _g(): ...'),
    (gates.missing_docstrings, '"""M."""\nclass _A:\n    def f(self): ...'),
    (gates.broad_excepts, "try:\n    f()\nexcept (OSError, ValueError):\n    pass"),
    (gates.prints, "def f():\n    self.print(1)"),
    (gates.hidden_imports, "import scipy\ndef f(): ..."),
    (gates.global_state, "x = 1\ndef f():\n    x = 2"),
    (gates.idle_tests, "def test_x():\n    with pytest.raises(ValueError):\n        f()"),
    (gates.idle_tests, "def test_x():\n    np.testing.assert_allclose(1, 1)"),
    (gates.idle_tests, "def test_x():\n    Validator.check_schema({})"),
    (gates.idle_tests, "def check(x):\n    assert x\ndef test_x():\n    check(1)"),
    (gates.skipped_tests, "cursor.skip(3)"),
]


@pytest.mark.parametrize(("rule", "source"), REFUSED)
def test_gate_refuses(rule: gates.Rule, source: str) -> None:
    assert rule(source)


@pytest.mark.parametrize(("rule", "source"), ALLOWED)
def test_gate_lets_pass(rule: gates.Rule, source: str) -> None:
    assert rule(source) == []


def test_every_rule_is_shown_to_fail() -> None:
    rules = {*gates.PACKAGE, *gates.OUTSIDE_CLI, *gates.TESTS}
    assert rules == {rule for rule, _ in REFUSED} == {rule for rule, _ in ALLOWED}


def test_names_that_say_nothing_are_refused() -> None:
    assert gates.banned_name(Path("geometry/utils.py"))
    assert gates.banned_name(Path("common/plane.py"))
    assert not gates.banned_name(Path("geometry/plane.py"))
