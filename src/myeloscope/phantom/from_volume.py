"""MRM-like images from a real T2 volume: the same scanner on real anatomy, without leaks."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from myeloscope.domain.anatomy import TYPICAL_SPINE, Region
from myeloscope.domain.grade import Grade, Technique
from myeloscope.domain.image import FloatImage, Study
from myeloscope.phantom.imaging import expose, plain_faults
from myeloscope.phantom.making import Phantom, make_station, uid
from myeloscope.phantom.matter import Detector, Image, Slab
from myeloscope.phantom.scanner import Layer, encode
from myeloscope.phantom.spec import DIFFICULTY, Arm, PhantomSpec
from myeloscope.phantom.spine import Floats
from myeloscope.phantom.stations import Protocol, View, detector_for, place_slab
from myeloscope.phantom.streams import stream
from myeloscope.phantom.truth import TrueDifficulty, TrueStation, Truth
from myeloscope.phantom.vendor import draw_coding
from myeloscope.phantom.volume import Volume, find_canal, heavy_t2, isotropic

CSF_T2_MS = 1900.0
DEPTH_STEP_MM = 1.0


def make_from_volume(volume: Volume, spec: PhantomSpec) -> Phantom:
    """Turn a T2 volume into one station of a myelogram.

    Parameters
    ----------
    volume
        T2 volume of a stretch of healthy spine.
    spec
        Seed, difficulty, noise and artefacts; the rest is not used.

    Returns
    -------
    Phantom
        Arm control, no findings; where sac and roots lie is not known, so these lists are empty.
    """
    even = isotropic(volume)
    path = find_canal(even)
    protocol = _protocol(even)
    signal = heavy_t2(even, path, protocol.echo_ms)
    middles = _to_patient(even.affine, path)
    slab = _slab(protocol, even, middles)
    detector = detector_for(slab, protocol)
    faults = plain_faults(spec, protocol, 0)
    clean = encode([Layer(project_volume(signal, even.affine, detector), CSF_T2_MS)], detector,
                   protocol, faults)  # fmt: skip
    snr = float(stream(spec.seed, "snr").uniform(*DIFFICULTY[spec.difficulty].sac_snr))
    coding, sac_value = draw_coding(stream(spec.seed, "vendor"))
    reference = _column_signal(np.abs(clean).astype(np.float64), middles, slab)
    pixels: FloatImage = expose(spec, 0, clean, (reference, snr, sac_value), coding)
    station = make_station(spec, protocol, slab.plane, 0, pixels)
    study = Study(uid(spec, "study"), Technique.MRM, (station,))
    return Phantom(study, _truth(spec, study.uid, station.sop_uid, slab, snr), coding)


def _protocol(volume: Volume) -> Protocol:
    """Return the paper's protocol with a field as large as the volume allows."""
    size = np.array(volume.data.shape) * volume.spacing
    field = float(np.floor(max(size[0], size[2])))
    return Protocol(512, field, 50.0, 2.0, 0.0, 1, 1000.0, 8000.0, 256, 2, 1.5, True)


def _to_patient(affine: Floats, path: Floats) -> Floats:
    """Return LPS mm, shape (nz, 3), of the canal's path in index coordinates."""
    index = np.column_stack([path, np.arange(len(path))])
    return np.asarray(index @ affine[:3, :3].T + affine[:3, 3])


def _slab(protocol: Protocol, volume: Volume, middles: Floats) -> Slab:
    """Return a coronal slab centred on the canal in depth and on the volume in the plane."""
    corners = volume.affine[:3, :3] @ ((np.array(volume.data.shape) - 1) / 2)
    middle = corners + volume.affine[:3, 3]
    middle[1] = 0.5 * (middles[:, 1].min() + middles[:, 1].max())
    return place_slab(protocol, middle, 0.0, View())


def project_volume(signal: Floats, affine: Floats, detector: Detector) -> Image:
    """Return the path image of a volume of relative signal, fine grid, mm.

    The volume is summed along the slab's normal on a grid of about 0.5 mm and brought to the
    detector by cubic interpolation.
    """
    plane, slab = detector.slab.plane, detector.slab
    rows, columns = detector.shape
    coarse = max(1, round(0.5 / detector.step[0]))
    r, c = np.arange(0, rows, coarse), np.arange(0, columns, coarse)
    down = np.outer((r - (detector.factor - 1) / 2) * detector.step[0], plane.along_column)
    along = np.outer((c - (detector.factor - 1) / 2) * detector.step[1], plane.along_row)
    flat = np.asarray(plane.position) + down[:, None, :] + along[None, :, :]
    inverse = np.linalg.inv(affine)
    depths = np.arange(-slab.thickness, slab.thickness + DEPTH_STEP_MM, DEPTH_STEP_MM)
    weights = slab.profile(depths, np.full_like(depths, DEPTH_STEP_MM / 2))
    total = np.zeros(flat.shape[:2])
    for depth, weight in zip(depths, weights, strict=True):
        if weight < 1e-3:
            continue
        points = flat + depth * np.asarray(slab.normal)
        index = points @ inverse[:3, :3].T + inverse[:3, 3]
        sample = ndimage.map_coordinates(signal, np.moveaxis(index, 2, 0), order=1, cval=0.0)
        total += weight * sample * DEPTH_STEP_MM
    fine = np.meshgrid(np.arange(rows) / coarse, np.arange(columns) / coarse, indexing="ij")
    return np.maximum(ndimage.map_coordinates(total, fine, order=3, mode="nearest"), 0)


def _column_signal(image: Image, middles: Floats, slab: Slab) -> float:
    """Return the median signal within 5 mm of the canal's middle."""
    plane = slab.plane
    offsets = np.linspace(-5, 5, 11)
    points = middles[:, None, :] + offsets[None, :, None] * np.asarray(plane.along_row)
    away = points - np.asarray(plane.position)
    row = away @ np.asarray(plane.along_column) / plane.row_spacing
    column = away @ np.asarray(plane.along_row) / plane.column_spacing
    values = ndimage.map_coordinates(image, [row, column], order=1, cval=np.nan)
    return float(np.nanmedian(np.nanmean(values[np.isfinite(values).any(axis=1)], axis=1)))


def _truth(spec: PhantomSpec, study: str, sop: str, slab: Slab, snr: float) -> Truth:
    """Return the truth of a healthy volume: no findings, nothing known of sac and roots."""
    none = dict.fromkeys(Region, Grade.NONE)
    return Truth(
        seed=spec.seed,
        study_uid=study,
        arm=Arm.CONTROL.value,
        variety="real-volume",
        signs_mrm=False,
        signs_ric=False,
        grades={Technique.MRM: none, Technique.RIC: none},
        findings=(),
        mimics=(),
        other_fluid=(),
        ruined=(),
        ruin="none",
        coverage=(),
        difficulty=TrueDifficulty(spec.difficulty.value, snr, 0.0),
        formula=TYPICAL_SPINE,
        sac=(),
        roots=(),
        stations=(TrueStation("volume", sop, True, (0.0, 0.0, 0.0), slab.normal, slab.thickness),),
        age_years=spec.age_years or 0,
        sex=spec.sex or "O",
    )
