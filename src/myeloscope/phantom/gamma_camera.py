"""A gamma camera: where photons of a cloud of tracer are counted, before Poisson's law.

A parallel-hole collimator sees a projection: each point is weakened on its way out of the body
(exp(-mu x depth), effective mu of broad-beam Tc-99m in tissue, 0.12-0.15 /cm) and blurred more the
farther it lies from the collimator (NEMA NU 1 system resolution with LEHR: about 7.4 mm FWHM at
100 mm, growing by some 0.045 mm per mm). Photons scattered in the body and still inside the
window form a broad, faint copy of the image.

Frame: x to the patient's left, y to posterior, z upward (LPS), mm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from myeloscope.domain.scintigraphy import View
from myeloscope.phantom.spine import Floats

SIGMA = 1 / 2.3548  # of FWHM
LAYER_MM = 12.0
TUBE_MM = 75.0
"""Diameter of a photomultiplier."""


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera with its acquisition.

    Attributes
    ----------
    rows, columns, pixel_mm
        Matrix and the size of a square pixel.
    useful
        Height and width that the crystal sees, mm; beyond it there are no counts.
    intrinsic, collimated
        FWHM of the crystal, and of the collimator per mm of distance, mm and mm/mm; the
        collimator's share at its face is 1.5 mm.
    sensitivity
        Counts per second and MBq in air.
    seconds
        How long each point is seen.
    scatter, scatter_mm
        Scattered counts over unscattered ones in the window, and FWHM of their blur, mm.
    attenuation
        Effective linear attenuation, 1/mm.
    whole_body
        Swept over the body.
    table
        What the table-top takes from the view from below (posterior), as a factor.
    uneven
        Amplitude of the crystal's unevenness, in the pattern of its photomultipliers (NEMA NU 1:
        integral uniformity of a corrected camera 2-4 %).
    """

    rows: int
    columns: int
    pixel_mm: float
    useful: tuple[float, float]
    intrinsic: float
    collimated: float
    sensitivity: float
    seconds: float
    scatter: float
    scatter_mm: float
    attenuation: float
    whole_body: bool = False
    uneven: float = 0.0
    table: float = 1.0

    def fwhm(self, distance: Floats | float) -> Floats:
        """Return the system's resolution at a distance from the collimator, mm."""
        collimator = 1.5 + self.collimated * np.asarray(distance, float)
        return np.asarray(np.hypot(self.intrinsic, collimator), float)


@dataclass(frozen=True, slots=True, eq=False)
class Torso:
    """The body around the tracer.

    ``back`` is y of the skin behind, by z (both shape (n,)); ``thick`` the body's depth there;
    ``gap`` the distance from skin to collimator, mm.
    """

    z: Floats
    back: Floats
    thick: Floats
    gap: float

    def depth(self, points: Floats, view: View) -> Floats:
        """Return how much tissue lies between points (n, 3) and the skin toward a view, mm."""
        back = np.interp(points[:, 2], self.z, self.back)
        if view is View.POSTERIOR:
            return np.asarray(np.maximum(back - points[:, 1], 0.0))
        thick = np.interp(points[:, 2], self.z, self.thick)
        return np.asarray(np.maximum(points[:, 1] - (back - thick), 0.0))

    def distance(self, points: Floats, view: View) -> Floats:
        """Return how far points (n, 3) are from the collimator of a view, mm: it is plane."""
        if view is View.POSTERIOR:
            return np.asarray(self.back.max() + self.gap - points[:, 1])
        front = float((self.back - self.thick).min())
        return np.asarray(points[:, 1] - front + self.gap)


@dataclass(frozen=True, slots=True, eq=False)
class Glow:
    """Tracer: points (n, 3), LPS mm, and activity at each, MBq."""

    points: Floats
    activity: Floats


@dataclass(frozen=True, slots=True)
class Pose:
    """How the patient lies under the camera.

    ``shift`` moves the body left and up (mm), ``turn`` turns it in the detector's plane, ``roll``
    around its long axis (rad), both about ``about`` (LPS mm).
    """

    about: tuple[float, float, float]
    shift: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0
    roll: float = 0.0

    def of(self, points: Floats) -> Floats:
        """Return points (n, 3) as the detector sees them: x and z from the image's middle."""
        x, y, z = (points - np.asarray(self.about)).T
        x, y = (
            x * np.cos(self.roll) - y * np.sin(self.roll),
            x * np.sin(self.roll) + y * np.cos(self.roll),
        )
        x, z = (
            x * np.cos(self.turn) - z * np.sin(self.turn),
            x * np.sin(self.turn) + z * np.cos(self.turn),
        )
        placed = np.stack([x + self.shift[0], y, z + self.shift[1]], axis=1)
        return np.asarray(placed)


def expected(camera: Camera, torso: Torso, pose: Pose, glows: Sequence[Glow], view: View) -> Floats:
    """Return the expected counts of a view, shape (rows, columns), patient's left at high columns.

    The posterior detector's picture is mirrored by whoever stores it.
    """
    points = np.concatenate([glow.points for glow in glows])
    activity = np.concatenate([glow.activity for glow in glows])
    weight = activity * np.exp(-camera.attenuation * torso.depth(points, view))
    distance = np.maximum(torso.distance(points, view), 5.0)
    placed = pose.of(points)
    fine = max(1, int(np.ceil(camera.pixel_mm / 2.5)))
    step = camera.pixel_mm / fine
    shape = (camera.rows * fine, camera.columns * fine)
    row = np.floor(shape[0] / 2 - placed[:, 2] / step).astype(np.intp)
    column = np.floor(shape[1] / 2 + placed[:, 0] / step).astype(np.intp)
    seen = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1]) & (weight > 0)
    index = row * shape[1] + column
    image = np.zeros(shape)
    layer = (distance / LAYER_MM).astype(np.intp)
    for number in np.unique(layer[seen]):
        chosen = seen & (layer == number)
        flat = np.bincount(index[chosen], weight[chosen], minlength=shape[0] * shape[1])
        fwhm = float(camera.fwhm((number + 0.5) * LAYER_MM))
        image += gaussian_filter(flat.reshape(shape), fwhm * SIGMA / step, truncate=3.5)
    image = image.reshape(camera.rows, fine, camera.columns, fine).sum(axis=(1, 3))
    image += camera.scatter * _broad(image, camera.scatter_mm * SIGMA / camera.pixel_mm)
    through = camera.table if view is View.POSTERIOR else 1.0
    gain = camera.sensitivity * camera.seconds * through
    return np.asarray(image * gain * _crystal(camera))


def _broad(image: Floats, sigma: float) -> Floats:
    """Return an image under a wide blur with tails (two Gaussians), cheaply."""
    near = gaussian_filter1d(gaussian_filter1d(image, sigma, axis=0), sigma, axis=1)
    far = gaussian_filter1d(gaussian_filter1d(image, 2.2 * sigma, axis=0), 2.2 * sigma, axis=1)
    return np.asarray(0.65 * near + 0.35 * far)


def _crystal(camera: Camera) -> Floats:
    """Return about 1 where the crystal sees, else 0."""
    z = (np.arange(camera.rows) - (camera.rows - 1) / 2) * camera.pixel_mm
    x = (np.arange(camera.columns) - (camera.columns - 1) / 2) * camera.pixel_mm
    inside = (np.abs(z)[:, None] <= camera.useful[0] / 2) & (np.abs(x) <= camera.useful[1] / 2)
    across = np.cos(2 * np.pi * (x / TUBE_MM + 0.21))
    along = np.ones_like(z) if camera.whole_body else np.cos(2 * np.pi * (z / TUBE_MM + 0.37))
    return np.asarray(inside * (1.0 + camera.uneven * along[:, None] * across[None]), float)
