"""From a clean path image to magnitude pixels, and to a DICOM dataset."""
from __future__ import annotations

import numpy as np
import scipy.fft as fft
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage
from scipy.ndimage import gaussian_filter, zoom


def shading(rng, n, strength):
    """Surface-coil sensitivities, low order, about 1 in the middle column."""
    y, x = np.mgrid[-1:1:33j, -1:1:33j]
    f = -strength * rng.uniform(.2, 1.1) * np.abs(y) ** rng.uniform(3, 8) - strength * rng.uniform(0, .7) * x ** 2
    f += strength * (.35 * rng.normal() * x + .3 * rng.normal() * y)
    k = int(rng.integers(2, 6))
    f += strength * rng.uniform(0, .25) * np.cos(np.pi * k * y + rng.uniform(0, 6))
    f += strength * .25 * gaussian_filter(rng.standard_normal((33, 33)), 6) * 15
    return np.clip(zoom(np.exp(f), n / 33, order=1)[:n, :n], .08, 4).astype(np.float32)


def acquire(img, m, rng, p):
    """img (n, n) clean -> magnitude (m, m), noise sigma p['sigma'] per channel in the final image."""
    n = img.shape[0]
    k = fft.fft2(img.astype(np.complex64))
    k = np.fft.fftshift(k)
    a = (n - m) // 2
    k = k[a:a + m, a:a + m] * (m / n) ** 2
    ky = (np.arange(m) - m // 2) / (m / 2)                       # -1..1 along the phase-encode axis
    kx = ky.copy()
    acq_p, acq_f = p["acq_phase"], p["acq_freq"]
    # T2 decay along the echo train, linear order: late echoes at one end of k-space, TE in its middle
    wp = np.exp(-ky * p["decay"]) if p["order"] == "linear" else np.exp(-np.abs(ky) * p["decay"])
    if p["partial"] < 1:
        wp = wp * (1 / (1 + np.exp(-(ky + (2 * p["partial"] - 1)) * 60)))
    win = lambda kk, acq: (np.abs(kk) <= acq) * (1.0 if p["filter"] == 0 else 1 / (1 + np.exp((np.abs(kk) / acq - (1 - .5 * p["filter"])) / (.03 + .25 * p["filter"]))))
    Wp, Wf = wp * win(ky, acq_p), win(kx, acq_f)
    if p["pe_row"]: W = Wf[:, None] * Wp[None]
    else: W = Wp[:, None] * Wf[None]
    # ghosts: periodic modulation along the phase-encode lines
    if p["ghost"] > 0:
        line = np.arange(m)
        mod = 1 + p["ghost"] * np.exp(2j * np.pi * (p["ghost_shift"] / m * line + p["ghost_phase"])) + p["ghost"] * p["ghost_asym"] * np.exp(-2j * np.pi * (p["ghost_shift"] / m * line - .2))
        W = W * (mod[None] if p["pe_row"] else mod[:, None])
    if p["double"] is not None:                                   # moved between the shots / averages
        dy, dx, wt = p["double"]
        yy = np.arange(m) - m // 2
        ph = np.exp(-2j * np.pi * (dy * yy[:, None] + dx * yy[None]) / m)
        if p["shotwise"]:
            alt = ((np.arange(m) // p["shotwise"]) % 2).astype(float)
            alt = alt[None] if p["pe_row"] else alt[:, None]
            k = k * (1 - wt * alt + wt * alt * ph)
        else:
            k = k * (1 - wt + wt * ph)
    if p["drift"]:                                                # random wandering during the scan (severe motion)
        walk = np.cumsum(rng.standard_normal(m)) / np.sqrt(m) * p["drift"]
        walk2 = np.cumsum(rng.standard_normal(m)) / np.sqrt(m) * p["drift"]
        if p.get("jitter"):
            walk = walk + rng.standard_normal(m) * p["jitter"]; walk2 = walk2 + rng.standard_normal(m) * p["jitter"]
        yy = (np.arange(m) - m // 2) / m
        if p["pe_row"]: k = k * np.exp(-2j * np.pi * (walk[None] * yy[None] + walk2[None] * yy[:, None]))
        else: k = k * np.exp(-2j * np.pi * (walk[:, None] * yy[:, None] + walk2[:, None] * yy[None]))
    k = k * W
    noise = (rng.standard_normal((m, m), dtype=np.float32) + 1j * rng.standard_normal((m, m), dtype=np.float32))
    wn = np.abs(win(ky, acq_p))[:, None] * np.abs(win(kx, acq_f))[None] if not p["pe_row"] else np.abs(win(kx, acq_f))[:, None] * np.abs(win(ky, acq_p))[None]
    noise *= wn / np.sqrt((wn ** 2).mean()) * m * p["sigma"]
    k = k + noise
    out = np.abs(fft.ifft2(np.fft.ifftshift(k).astype(np.complex64)))
    return out


VENDORS = {
    "Philips Medical Systems": dict(models=["Intera", "Achieva", "Gyroscan Intera"], itype=["ORIGINAL", "PRIMARY", "M_SE", "M", "SE"]),
    "SIEMENS": dict(models=["Avanto", "Symphony", "Sonata"], itype=["ORIGINAL", "PRIMARY", "M", "ND"]),
    "GE MEDICAL SYSTEMS": dict(models=["Signa HDxt", "SIGNA EXCITE"], itype=["ORIGINAL", "PRIMARY", "OTHER"]),
    "TOSHIBA": dict(models=["EXCELART Vantage"], itype=["ORIGINAL", "PRIMARY", "OTHER"]),
}


def uid(rng) -> str:
    return "2.25." + str(int.from_bytes(rng.bytes(15), "big") + 1)


def to_dicom(px, meta) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = MRImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = meta["sop"]
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.ImplementationClassUID = "2.25.204318337791902113447766012233"
    v = meta["vendor"]
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.ImageType = VENDORS[v]["itype"]
    ds.SOPClassUID = MRImageStorage
    ds.SOPInstanceUID = meta["sop"]
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = meta["date"]
    ds.StudyTime = meta["study_time"]
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = meta["time"]
    ds.AccessionNumber = ""
    ds.Modality = "MR"
    ds.Manufacturer = v
    ds.ReferringPhysicianName = ""
    ds.StudyDescription = meta["study_desc"]
    ds.SeriesDescription = meta["desc"]
    ds.ManufacturerModelName = meta["model"]
    ds.PatientName = "STRANGE^B"
    ds.PatientID = f"SB{meta['seed']:06d}"
    ds.PatientBirthDate = ""
    ds.PatientSex = meta["sex"]
    ds.PatientAge = f"{meta['age']:03d}Y"
    ds.PatientIdentityRemoved = "YES"
    ds.DeidentificationMethod = "simulated study"
    ds.BodyPartExamined = meta["body"]
    ds.ScanningSequence = "SE"
    ds.SequenceVariant = "SK"
    ds.ScanOptions = "FS" if meta["fatsat"] else ""
    ds.MRAcquisitionType = "2D"
    ds.SliceThickness = meta["slab"]
    ds.RepetitionTime = meta["tr"]
    ds.EchoTime = meta["te"]
    ds.NumberOfAverages = meta["avg"]
    ds.ImagingFrequency = 63.87
    ds.ImagedNucleus = "1H"
    ds.EchoNumbers = 1
    ds.MagneticFieldStrength = 1.5
    ds.SpacingBetweenSlices = meta["slab"]
    ds.NumberOfPhaseEncodingSteps = meta["steps"]
    ds.EchoTrainLength = meta["etl"]
    ds.PercentSampling = 100
    ds.PercentPhaseFieldOfView = 100
    ds.PixelBandwidth = meta["bw"]
    ds.DeviceSerialNumber = "0"
    ds.SoftwareVersions = "b1"
    ds.ProtocolName = meta["desc"]
    ds.ReceiveCoilName = "SPINE"
    ds.AcquisitionMatrix = [meta["m"], 0, 0, meta["steps"]] if not meta["pe_row"] else [0, meta["m"], meta["steps"], 0]
    ds.InPlanePhaseEncodingDirection = "ROW" if meta["pe_row"] else "COL"
    ds.FlipAngle = 90
    ds.PatientPosition = "HFS"
    ds.StudyInstanceUID = meta["study"]
    ds.SeriesInstanceUID = meta["series"]
    ds.StudyID = "1"
    ds.SeriesNumber = meta["series_no"]
    ds.AcquisitionNumber = 1
    ds.InstanceNumber = meta["instance"]
    ds.ImagePositionPatient = [f"{x:.5f}" for x in meta["ipp"]]
    ds.ImageOrientationPatient = [f"{x:.6f}" for x in meta["iop"]]
    ds.FrameOfReferenceUID = meta["frame"]
    ds.PositionReferenceIndicator = ""
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = px.shape
    ds.PixelSpacing = [f"{meta['px']:.7g}"] * 2
    ds.BitsAllocated = 16
    ds.BitsStored = meta["bits"]
    ds.HighBit = meta["bits"] - 1
    ds.PixelRepresentation = 0
    ds.SmallestImagePixelValue = int(px.min())
    ds.LargestImagePixelValue = int(px.max())
    ds["SmallestImagePixelValue"].VR = ds["LargestImagePixelValue"].VR = "US"
    ds.WindowCenter = f"{meta['wc']:.6g}"
    ds.WindowWidth = f"{meta['ww']:.6g}"
    if meta["slope"] is not None:
        ds.RescaleIntercept = f"{meta['intercept']:.6g}"
        ds.RescaleSlope = f"{meta['slope']:.9g}"
        ds.RescaleType = "US"
    ds.PixelData = px.astype("<u2").tobytes()
    return ds
