import sys
from sites2 import *
from myeloscope.myelography.read import read_study
from myeloscope.settings import ReadSettings
for f in sorted(Path(sys.argv[1]).glob('*.pkl'),key=lambda p:int(p.stem))[:int(sys.argv[2])]:
    st,tr=pickle.loads(f.read_bytes())
    if tr.ruin=='none': continue
    r=read_study(st,ReadSettings())
    print(tr.seed,tr.ruin,tr.difficulty.level,[x.region.value for x in tr.ruined],'|',{k.value:(None if v.grade is None else int(v.grade),v.at_least,(v.reason or '')[:50]) for k,v in r.regions.items()},'snr %.0f'%(r.quality.snr or 0),{k:round(v,2) for k,v in (r.quality.measures or {}).items()})
