"""From a real T2 volume toward TE 1000 ms: find the canal, take CSF as reference, raise contrast.

At two echo times the same tissue gives I = k exp(-TE/T2). If k is the same for all tissues (equal
proton density, no T1 weighting: the stated assumption), then with CSF as reference

    S(TE2) / S_csf(TE2) = (I(TE1) / I_csf(TE1)) ** (TE2 / TE1),

a power law whose exponent is the ratio of the echo times. Fat, which a myelogram suppresses, is as
bright as CSF on T2 turbo spin-echo, so it must be removed by place: only what is joined to the
bright column in the canal is kept, the rest is left at a small share (incomplete suppression).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from myeloscope.phantom.spine import Floats

VOXEL_MM = 1.0
SOURCE_ECHO_MS = 100.0  # typical effective TE of a T2 turbo spin-echo; the exponent is 1000/100
FAT_LEFT = 0.02
CANAL_UNDER_SKIN_MM = 38.0  # a weak prior; from the volume's edge where it shows no skin
SLEEVE_MM = 1.5
CANAL_MM = 8.0
ACROSS_MM, DEEP_MM = 12.5, 9.0  # where the column may lie around the canal's middle


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """A T2 volume.

    Attributes
    ----------
    data
        Shape (nx, ny, nz); indices grow about toward left, posterior and superior.
    affine
        4 x 4, index to LPS mm.
    """

    data: Floats
    affine: Floats

    def __post_init__(self) -> None:
        """Refuse what is not a finite volume of at least 16 voxels each way."""
        if self.data.ndim != 3 or min(self.data.shape) < 16:
            raise ValueError(f"a volume of at least 16 x 16 x 16 is needed, not {self.data.shape}")
        if not np.isfinite(self.data).all() or self.data.max() <= 0:
            raise ValueError("a volume holds finite numbers and some signal")

    @property
    def spacing(self) -> Floats:
        """Return the voxel's size along each index, mm."""
        return np.asarray(np.linalg.norm(self.affine[:3, :3], axis=0))


def isotropic(volume: Volume) -> Volume:
    """Return the volume on voxels of 1 mm (linear interpolation)."""
    zoom = volume.spacing / VOXEL_MM
    if np.allclose(zoom, 1, atol=0.02):
        return volume
    shape = np.maximum(np.round(np.array(volume.data.shape) * zoom).astype(int), 16)
    step = np.array(volume.data.shape) / shape
    first = (step - 1) / 2
    grid = [f + s * np.arange(n) for f, s, n in zip(first, step, shape, strict=True)]
    data = ndimage.map_coordinates(
        volume.data, np.meshgrid(*grid, indexing="ij"), order=1, mode="nearest"
    )
    affine = volume.affine.copy()
    affine[:3, 3] += volume.affine[:3, :3] @ first
    affine[:3, :3] = volume.affine[:3, :3] * step
    return Volume(data, affine)


def find_canal(volume: Volume) -> Floats:
    """Return the canal's middle (x, y index) at each z index, shape (nz, 2).

    A slice's score is brightness over that beside it and over that in front and behind (the less
    of two differences of Gaussians, so that sheets of fat score nothing); the path of the highest
    sum that moves at most 1 voxel a slice is found by dynamic programming.
    """
    data = volume.data
    top = np.percentile(data, 97, axis=(0, 1), keepdims=True)
    level = data / np.maximum(ndimage.gaussian_filter1d(top, 8, axis=2), 1e-9)
    bright = np.clip((level - 0.5) / 0.35, 0, 1)  # fluid and fat alike, no marrow or muscle
    near = ndimage.gaussian_filter(bright, (4.0, 4.0, 2.0))
    beside = ndimage.gaussian_filter(bright, (9.0, 3.0, 2.0))
    around = ndimage.gaussian_filter(bright, (3.0, 9.0, 2.0))
    x = np.linspace(-1, 1, data.shape[0])[:, None, None]
    away = np.abs(_behind(data) - CANAL_UNDER_SKIN_MM)
    score = near - np.maximum(beside, around) - 0.1 * x**2 - 0.004 * np.minimum(away, 60)
    total = score[:, :, 0]
    totals = [total]
    for z in range(1, data.shape[2]):
        total = score[:, :, z] + ndimage.maximum_filter(total, 3)
        totals.append(total)
    here = np.unravel_index(int(totals[-1].argmax()), totals[-1].shape)
    path = [here]
    for total in totals[-2::-1]:
        low = [max(0, int(i) - 1) for i in here]
        window = total[low[0] : int(here[0]) + 2, low[1] : int(here[1]) + 2]
        i, j = np.unravel_index(int(window.argmax()), window.shape)
        here = (np.intp(low[0] + int(i)), np.intp(low[1] + int(j)))
        path.append(here)
    course = np.array(path[::-1], dtype=np.float64)
    return _centred(bright, ndimage.gaussian_filter1d(course, 4, axis=0, mode="nearest"))


def _centred(bright: Floats, path: Floats) -> Floats:
    """Return the path moved to the centroid of what is bright around it (mean shift).

    A dark cord leaves two bright bands, of which the path may have followed one.
    """
    nx, ny, nz = bright.shape
    x, y = np.arange(nx)[:, None], np.arange(ny)[None, :]
    for _ in range(6):
        moved = path.copy()
        for z in range(nz):
            off = ((x - path[z, 0]) / 7.0) ** 2 + ((y - path[z, 1]) / 6.0) ** 2
            weight = bright[:, :, z] * np.exp(-0.5 * off) + 1e-9
            total = weight.sum()
            moved[z] = (weight * x).sum() / total, (weight * y).sum() / total
        path = ndimage.gaussian_filter1d(moved, 5, axis=0, mode="nearest")
    return path


def _behind(data: Floats) -> Floats:
    """Return how far each (y, z) lies in front of the skin of the back, shape (1, ny, nz)."""
    rows = ndimage.gaussian_filter(data.mean(axis=0), 2)
    inside = rows > 0.25 * np.percentile(rows, 90)
    ny = data.shape[1]
    back = np.where(inside.any(axis=0), ny - 1 - inside[::-1].argmax(axis=0), ny - 1)
    smooth = ndimage.median_filter(back, 15, mode="nearest")
    return np.asarray((smooth[None, :] - np.arange(ny)[:, None])[None], dtype=np.float64)


def csf_reference(volume: Volume, path: Floats) -> Floats:
    """Return the signal that CSF would have at each x and z, shape (nx, 1, nz).

    A high percentile inside the canal's right and left half, joined by a straight line: a surface
    coil that sees one side better must not make the other side's CSF vanish under the power law.
    """
    nx, ny, nz = volume.data.shape
    smooth = ndimage.median_filter(volume.data, 3)
    x, y = np.arange(nx)[:, None], np.arange(ny)[None, :]
    halves = np.empty((2, nz))
    for z in range(nz):
        away, off = x - path[z, 0], y - path[z, 1]
        inside = away**2 + off**2 < CANAL_MM**2
        for half, beside in enumerate((away <= 0, away >= 0)):
            halves[half, z] = np.percentile(smooth[:, :, z][inside & beside], 80)
    low, high = ndimage.gaussian_filter1d(halves, 10, axis=1, mode="nearest")
    part = np.clip((x - path[:, 0]) / CANAL_MM + 0.5, 0, 1)  # halves' middles, about
    return np.asarray(low + (high - low) * part)[:, None, :]


def heavy_t2(volume: Volume, path: Floats, echo_ms: float) -> Floats:
    """Return signal over CSF's at a long echo time, shape of the volume, 0 to 1."""
    reference = csf_reference(volume, path)
    nx, ny, _ = volume.data.shape
    smooth = ndimage.gaussian_filter(volume.data, 0.5)
    ratio = np.clip(smooth / reference, 0, 1)
    signal = ratio ** (echo_ms / SOURCE_ECHO_MS)
    x = np.arange(nx)[:, None, None] - path[:, 0]
    y = np.arange(ny)[None, :, None] - path[:, 1]
    allowed = (np.abs(x) < ACROSS_MM) & (np.abs(y) < DEEP_MM)
    seed = (np.abs(x) < 7) & (np.abs(y) < 5) & (ratio > 0.8)
    column = ndimage.binary_propagation(seed, mask=allowed & (ratio > 0.8))
    column &= _near_edges(column, x)
    near = ndimage.gaussian_filter(ndimage.binary_dilation(column).astype(np.float64), 0.7)
    return np.asarray(signal * (FAT_LEFT + (1 - FAT_LEFT) * np.clip(near, 0, 1)))


def _near_edges(column: NDArray[np.bool_], x: Floats) -> NDArray[np.bool_]:
    """Return where a voxel lies no farther than a normal sleeve beyond the column's usual edge.

    On each side the edge is where the column, seen from the front, first falls to a quarter of its
    depth (the dark dura between it and fat); the usual edge is a low percentile of that over
    60 mm: fat in the foramina comes and goes, the sac's edge stays.
    """
    depth = column.sum(axis=1).astype(np.float64)
    depth /= np.maximum(np.where(np.abs(x[:, 0, :]) < 6, depth, 0).max(axis=0), 1)
    limit = []
    for sign in (-1.0, 1.0):
        beyond = (sign * x[:, 0, :] > 4) & (depth < 0.25)
        first = np.where(beyond, sign * x[:, 0, :], ACROSS_MM).min(axis=0)
        limit.append(ndimage.percentile_filter(first, 15, 61, mode="nearest") + SLEEVE_MM)
    return np.asarray((x >= -limit[0]) & (x <= limit[1]))
