"""Both spines on one scale along the sac: silhouettes, and each sign as far as it reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from myeloscope.comparison.change import Change, Comparison, Measured
from myeloscope.domain.anatomy import Side
from myeloscope.domain.reading import Root

WIDTH, TOP, PER_MM = 720.0, 34.0, 1.25
MIDDLES = (190.0, 540.0)
"""Where the middle of the earlier and of the later sac is drawn."""
CHANGE_COLOURS: Mapping[Change, str] = {
    Change.RESOLVED: "#00664b",
    Change.IMPROVED: "#2a7f9e",
    Change.UNCHANGED: "#5a6672",
    Change.WORSE: "#b3261e",
    Change.NEW: "#d55e00",
    Change.NOT_COMPARABLE: "#8a5a00",
}


def comparison_picture(made: Comparison) -> str:
    """Return both spines as SVG; the patient's right is on the left of each."""
    fit = made.registration
    befores = [(p.s_mm, p.width_mm) for p in made.before.sac]
    afters = [(p.s_mm if fit is None else fit.earlier(p.s_mm), p.width_mm) for p in made.after.sac]
    ends = [s for s, _ in (*befores, *afters)] or [0.0, 1.0]
    low, high = min(ends), max(ends)
    height = TOP + PER_MM * (high - low) + 30
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:.0f}" '
        'font-family="Liberation Sans, DejaVu Sans, sans-serif" font-size="11">'
    ]
    for title, middle, sac in zip(("before", "after"), MIDDLES, (befores, afters), strict=True):
        drawn.append(
            f'<text x="{middle:g}" y="14" text-anchor="middle" font-weight="bold">{title}</text>'
            f'<text x="{middle - 60:g}" y="28" fill="#5a6672">R</text>'
            f'<text x="{middle + 52:g}" y="28" fill="#5a6672">L</text>'
        )
        drawn += _silhouette(sac, middle, low)
    drawn += _names(made.before.roots, MIDDLES[0], lambda s: TOP + PER_MM * (s - low))
    later = (lambda s: s) if fit is None else fit.earlier
    drawn += _names(made.after.roots, MIDDLES[1], lambda s: TOP + PER_MM * (later(s) - low))
    for sign in made.signs:
        y = TOP + PER_MM * (sign.s_mm - low)
        colour = CHANGE_COLOURS[sign.change]
        for middle, seen in zip(MIDDLES, (sign.before, sign.after), strict=True):
            drawn.append(_mark(middle, y, sign.side, seen, colour))
        name = f"{sign.segment or 'root ?'} {sign.side}: {sign.change}"
        drawn.append(
            f'<text x="365" y="{y + 4:.1f}" text-anchor="middle" fill="{colour}">{name}</text>'
        )
    scale = TOP + PER_MM * (high - low) + 16
    drawn.append(
        f'<line x1="20" y1="{scale:.0f}" x2="{20 + 50 * PER_MM:g}" y2="{scale:.0f}" '
        f'stroke="#16202b" stroke-width="2"/><text x="90" y="{scale + 4:.0f}">50 mm</text>'
    )
    return "".join([*drawn, "</svg>"])


def _silhouette(sac: Sequence[tuple[float, float]], middle: float, low: float) -> list[str]:
    """Return the sac's outline, straightened."""
    if not sac:
        return []
    left = [(middle - PER_MM * w / 2, TOP + PER_MM * (s - low)) for s, w in sac]
    right = [(middle + PER_MM * w / 2, TOP + PER_MM * (s - low)) for s, w in reversed(sac)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*left, *right))
    return [f'<polygon points="{points}" fill="#dbe7ef" stroke="#0b4f7d"/>']


def _names(roots: Sequence[Root], middle: float, height: Callable[[float], float]) -> list[str]:
    """Return the names of the roots at the left of a spine, each once."""
    places = {r.segment: r.s_mm for r in roots if r.segment is not None and r.s_mm is not None}
    return [
        f'<text x="{middle - 78:g}" y="{height(s) + 3:.1f}" text-anchor="end" font-size="8" '
        f'fill="#5a6672">{name}</text>'
        for name, s in places.items()
    ]


def _mark(middle: float, y: float, side: Side, sign: Measured | None, colour: str) -> str:
    """Return a bar as long as a sign reaches, or an empty ring where there is none."""
    toward = 1.0 if side is Side.LEFT else -1.0
    edge = middle + toward * PER_MM * 9
    if sign is None:
        return (
            f'<circle cx="{edge + toward * 8:.1f}" cy="{y:.1f}" r="4" fill="none" '
            f'stroke="{colour}" stroke-dasharray="2 2"/>'
        )
    long = PER_MM * min(sign.reach_mm or 4.0, 50.0)
    start = edge if toward > 0 else edge - long
    return f'<rect x="{start:.1f}" y="{y - 4:.1f}" width="{long:.1f}" height="8" fill="{colour}"/>'
