"""Classic MR Image Storage objects as a scanner writes them."""
import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage


def uid(rng):
    return "2.25." + str(int.from_bytes(rng.bytes(15), "big") | 1 << 118)


MODELS = {"Philips": ("Philips Medical Systems", "Achieva"), "Siemens": ("SIEMENS", "Avanto"), "GE": ("GE MEDICAL SYSTEMS", "Signa HDxt")}


def make(px, meta):
    """px uint16 (rows, columns); meta: plain values."""
    p, rng = meta["p"], meta["rng"]
    fm = FileMetaDataset()
    fm.MediaStorageSOPClassUID = MRImageStorage
    fm.MediaStorageSOPInstanceUID = meta["sop"]
    fm.TransferSyntaxUID = ExplicitVRLittleEndian
    fm.ImplementationClassUID = "2.25.311640918277240120883427731"
    fm.ImplementationVersionName = "STRANGE_A"
    ds = FileDataset(None, {}, file_meta=fm, preamble=b"\0" * 128)
    maker, model = MODELS[p["maker"]]
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.ImageType = {"Philips": ["ORIGINAL", "PRIMARY", "M_SE", "M", "SE"], "Siemens": ["ORIGINAL", "PRIMARY", "M", "NORM" if p["normalise"] else "ND"], "GE": ["ORIGINAL", "PRIMARY", "OTHER"]}[p["maker"]]
    if p["gdc"] and p["maker"] == "Siemens":
        ds.ImageType = list(ds.ImageType) + ["DIS2D"]
    ds.InstanceCreationDate, ds.InstanceCreationTime = meta["date"], meta["time"]
    ds.SOPClassUID, ds.SOPInstanceUID = MRImageStorage, meta["sop"]
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = meta["date"]
    ds.StudyTime = meta["study_time"]
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = meta["time"]
    ds.AccessionNumber = ""
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = "MR", maker, model
    ds.ReferringPhysicianName = ""
    ds.StudyDescription, ds.SeriesDescription = meta["study_text"], meta["series_text"]
    ds.PatientName, ds.PatientID = f"STRANGER^A{meta['seed']}", f"SA{meta['seed']:07d}"
    ds.PatientBirthDate, ds.PatientSex, ds.PatientAge = "", meta["sex"], f"{meta['age']:03d}Y"
    ds.PatientWeight = meta["weight"]
    ds.BodyPartExamined = "SPINE"
    ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions, ds.MRAcquisitionType = "SE", ["SK", "OSP"], "FS", "2D"
    if p["partial"] < 1:
        ds.ScanOptions = ["FS", "PFP"]
    ds.SequenceName = {"Philips": "TSE", "Siemens": f"*tse2d1_{p['etl']}", "GE": "SSFSE"}[p["maker"]]
    ds.SliceThickness = p["slab"]
    ds.RepetitionTime, ds.EchoTime = p["tr"], p["te"]
    ds.NumberOfAverages = p["averages"]
    ds.ImagingFrequency = round(42.577 * p["b0"], 4)
    ds.ImagedNucleus, ds.EchoNumbers, ds.MagneticFieldStrength = "1H", 1, p["b0"]
    ds.SpacingBetweenSlices = p["slab"]
    ds.NumberOfPhaseEncodingSteps = int(p["n"] * p["phase_pct"])
    ds.EchoTrainLength = p["etl"]
    ds.PercentSampling, ds.PercentPhaseFieldOfView = 100.0 * p["phase_pct"], 100.0
    ds.PixelBandwidth = p["bandwidth"]
    ds.SoftwareVersions = "1"
    ds.ProtocolName = meta["series_text"]
    ds.ReceiveCoilName = "SPINE"
    npe = int(p["n"] * p["phase_pct"])
    ds.AcquisitionMatrix = [0, p["n"], npe, 0] if p["phase_axis"] == 1 else [p["n"], 0, 0, npe]
    ds.InPlanePhaseEncodingDirection = "ROW" if p["phase_axis"] == 1 else "COL"
    ds.FlipAngle, ds.PatientPosition = 90.0, "HFS"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = meta["study"], meta["series"]
    ds.StudyID, ds.SeriesNumber, ds.AcquisitionNumber, ds.InstanceNumber = "1", meta["number"], 1, meta["instance"]
    f = lambda a: [f"{v:.8g}"[:16] for v in a]
    ds.ImagePositionPatient, ds.ImageOrientationPatient = f(meta["ipp"]), [f"{v:.10f}"[:12] for v in meta["iop"]]
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = meta["frame"], ""
    ds.SliceLocation = f"{meta['location']:.6g}"
    ds.ImagesInAcquisition = 1
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = px.shape
    du = f"{p['fov'] / p['n']:.10f}"[:12]
    ds.PixelSpacing = [du, du]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    if p["maker"] == "GE":
        ds.BitsStored, ds.HighBit = 16, 15
    ds.WindowCenter, ds.WindowWidth = meta["window"]
    if p["maker"] == "Philips":
        ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", f"{meta['slope']:.6g}", "normalized"
    ds.LossyImageCompression = "00"
    ds.PixelData = np.ascontiguousarray(px.astype("<u2")).tobytes()
    return ds
