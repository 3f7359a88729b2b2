"""Free fluid in three dimensions: clouds of chords and ellipsoids, and how a slab projects them.

A slab image shows the line integral of fluid along the slab's normal. Everything thin or curved
(sac, sleeves, strands, vessels) is a :class:`Cloud`: points that each carry a volume of fluid and
the length over which it is spread along the view. Round things are :class:`Ellipsoid`, whose
chords have a closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.special import erf

from myeloscope.domain.image import PlaneGeometry
from myeloscope.phantom.spine import Floats

Image = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Points of fluid.

    Attributes
    ----------
    points
        Shape (n, 3), LPS mm.
    volumes
        Volume of free fluid at each point, shape (n,), mm^3 of CSF-like signal.
    half_depth
        Half length over which the fluid is spread along y, shape (n,), mm.
    blur_mm
        Standard deviation of the softness of the cloud in the image plane.
    """

    points: Floats
    volumes: Floats
    half_depth: Floats
    blur_mm: float = 0.0

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together."""
        if self.points.shape != (len(self.volumes), 3) or len(self.half_depth) != len(self.volumes):
            raise ValueError(f"{self.points.shape} points for {self.volumes.shape} volumes")


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """A round body of fluid.

    ``axes`` are the half axes along its own first to third axis; ``turn`` turns the first axis
    from x toward z (rad) in the coronal plane. ``signal`` is the signal per mm over that of CSF.
    """

    centre: tuple[float, float, float]
    axes: tuple[float, float, float]
    turn: float = 0.0
    signal: float = 1.0


@dataclass(frozen=True, slots=True)
class Slab:
    """One thick coronal slice.

    Attributes
    ----------
    plane
        Pixel grid in the middle of the slab.
    normal
        Unit vector across the slab, LPS.
    thickness
        Full width at half maximum of the slice profile, mm.
    edge
        Standard deviation of the profile's soft edges, mm (a box blurred by a Gaussian; a long
        echo train of refocusing pulses has no sharp slice edges).
    """

    plane: PlaneGeometry
    normal: tuple[float, float, float]
    thickness: float
    edge: float

    def profile(self, depth: Floats, half: Floats) -> Floats:
        """Return the mean sensitivity over ``depth`` - ``half`` to ``depth`` + ``half``, mm."""
        half = np.maximum(half, 0.05)
        depth, half = np.broadcast_arrays(depth, half)
        near, far = np.abs(depth) + half, np.abs(depth) - half
        mean = (near < self.thickness / 2 - 4 * self.edge).astype(np.float64)
        soft = (mean == 0) & (far < self.thickness / 2 + 4 * self.edge)
        depth, half = depth[soft], half[soft]
        mean[soft] = (self._integral(depth + half) - self._integral(depth - half)) / (2 * half)
        return mean

    def _integral(self, depth: Floats) -> Floats:
        """Return the antiderivative of the profile: a difference of integrated error functions."""
        scale = np.sqrt(2) * self.edge

        def ramp(x: Floats) -> Floats:
            z = x / scale
            value = 0.5 * scale * (z * erf(z) + np.exp(-(z**2)) / np.sqrt(np.pi))
            return np.asarray(value, dtype=np.float64)

        return ramp(depth + self.thickness / 2) - ramp(depth - self.thickness / 2)

    def depth(self, points: Floats) -> Floats:
        """Return the signed distance of points (n, 3) from the slab's middle plane, mm."""
        return np.asarray((points - np.asarray(self.plane.position)) @ np.asarray(self.normal))


@dataclass(frozen=True, slots=True)
class Detector:
    """The fine pixel grid that a slab is projected on, before the scanner sees it.

    ``factor`` fine pixels span one image pixel; ``rows`` x ``columns`` image pixels.
    """

    slab: Slab
    rows: int
    columns: int
    factor: int

    @property
    def shape(self) -> tuple[int, int]:
        """Return rows and columns of the fine grid."""
        return self.rows * self.factor, self.columns * self.factor

    @property
    def step(self) -> tuple[float, float]:
        """Return the fine row and column spacing, mm."""
        plane = self.slab.plane
        return plane.row_spacing / self.factor, plane.column_spacing / self.factor

    def locate(self, points: Floats) -> tuple[Floats, Floats]:
        """Return fine row and column (pixel centres at whole numbers) of points (n, 3)."""
        plane = self.slab.plane
        away = points - np.asarray(plane.position)
        shift = (self.factor - 1) / 2
        row = away @ np.asarray(plane.along_column) / self.step[0] + shift
        column = away @ np.asarray(plane.along_row) / self.step[1] + shift
        return row, column


def _splat(row: Floats, column: Floats, weight: Floats, shape: tuple[int, int]) -> Image:
    """Add weights to a grid with bilinear shares; what falls outside is lost."""
    inside = (row > -1) & (row < shape[0]) & (column > -1) & (column < shape[1])
    row, column, weight = row[inside] + 1, column[inside] + 1, weight[inside]
    r, c = row.astype(np.intp), column.astype(np.intp)
    fr, fc = row - r, column - c
    wide = shape[1] + 2
    base = r * wide + c
    total = np.zeros((shape[0] + 2) * wide)
    for offset, share in (
        (0, (1 - fr) * (1 - fc)),
        (1, (1 - fr) * fc),
        (wide, fr * (1 - fc)),
        (wide + 1, fr * fc),
    ):
        total += np.bincount(base + offset, weight * share, minlength=len(total))[: len(total)]
    return total.reshape(shape[0] + 2, wide)[1:-1, 1:-1]


def _add_clouds(image: Image, clouds: Sequence[Cloud], detector: Detector) -> None:
    """Add the path image of clouds of one softness, in place."""
    slab = detector.slab
    parts = []
    for cloud in clouds:
        weight = cloud.volumes * slab.profile(slab.depth(cloud.points), cloud.half_depth)
        seen = weight != 0
        parts.append(
            (cloud.points[seen], weight[seen]) if not seen.all() else (cloud.points, weight)
        )
    points, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    if not len(weight):
        return
    blur = np.array([clouds[0].blur_mm / step for step in detector.step])
    places = detector.locate(points)
    box = []
    for place, size, soft in zip(places, detector.shape, blur, strict=True):
        margin = int(4 * soft) + 2
        low = int(np.clip(place.min() - margin, 0, size))
        box.append(slice(low, int(np.clip(place.max() + margin + 1, low, size))))
    rows, columns = box
    shape = (rows.stop - rows.start, columns.stop - columns.start)
    if min(shape) < 1:
        return
    part = _splat(places[0] - rows.start, places[1] - columns.start, weight, shape)
    part /= detector.step[0] * detector.step[1]
    if clouds[0].blur_mm > 0:
        part = gaussian_filter(part, blur, truncate=3.5, mode="constant")
    image[rows, columns] += part


def _add_ellipsoid(image: Image, body: Ellipsoid, detector: Detector) -> None:
    """Add the weighted chord of an ellipsoid to a path image, in place.

    With shape matrix M (x' M x = 1 on the surface), ray p + t n and D = M n:
    chord half length = sqrt((p.D)^2 - n.D (p'Mp - 1)) / n.D.
    """
    slab, shape = detector.slab, detector.shape
    cosine, sine = np.cos(body.turn), np.sin(body.turn)
    frame = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
    matrix = frame.T @ np.diag(1 / np.square(body.axes)) @ frame
    centre = np.asarray([body.centre])
    (row,), (column,) = detector.locate(centre)
    reach = max(body.axes)
    box = []
    for middle, step, size in zip((row, column), detector.step, shape, strict=True):
        low = max(0, int(middle - reach / step) - 1)
        box.append((low, min(size, int(middle + reach / step) + 3)))
    if any(low >= high for low, high in box):
        return
    plane, normal = slab.plane, np.asarray(slab.normal)
    down = (np.arange(*box[0]) - row)[:, None, None] * detector.step[0]
    along = (np.arange(*box[1]) - column)[None, :, None] * detector.step[1]
    p = down * np.asarray(plane.along_column) + along * np.asarray(plane.along_row)
    mp, mn = p @ matrix, matrix @ normal
    nn, pn = normal @ mn, p @ mn
    square = pn**2 - nn * (np.einsum("ijk,ijk->ij", p, mp) - 1)
    half = np.sqrt(np.maximum(square, 0)) / nn
    depth = slab.depth(centre)[0] - pn / nn
    path = 2 * half * slab.profile(depth, half) * body.signal
    image[box[0][0] : box[0][1], box[1][0] : box[1][1]] += path


def project(clouds: Sequence[Cloud], ellipsoids: Sequence[Ellipsoid], detector: Detector) -> Image:
    """Project fluid through a slab.

    Parameters
    ----------
    clouds, ellipsoids
        What to project.
    detector
        The slab and its fine grid.

    Returns
    -------
    numpy.ndarray
        Path of free fluid along the slab's normal weighted by the slice profile, shape of the
        detector's fine grid, mm.
    """
    image = np.zeros(detector.shape)
    for blur in sorted({cloud.blur_mm for cloud in clouds}):
        _add_clouds(image, [c for c in clouds if c.blur_mm == blur], detector)
    for body in ellipsoids:
        _add_ellipsoid(image, body, detector)
    return image


def shifted(cloud: Cloud, by: Floats) -> Cloud:
    """Return the cloud moved by a vector (3,), mm."""
    return replace(cloud, points=cloud.points + by)


def flipped(cloud: Cloud) -> Cloud:
    """Return the cloud with left and right exchanged."""
    return replace(cloud, points=cloud.points * np.array([-1.0, 1.0, 1.0]))
