"""make pickles of stranger studies: sa / sb"""
import sys,pickle,io,tempfile,shutil
from pathlib import Path
from types import SimpleNamespace as NS
from concurrent.futures import ProcessPoolExecutor
which=sys.argv[1]; a,n=int(sys.argv[2]),int(sys.argv[3])
sys.path.insert(0,'./'); sys.path.insert(0,f'./stranger_{which}')
D=Path(f'./dev/s{which}'); D.mkdir(exist_ok=True)
from myeloscope.dicom.load import load
from myeloscope.domain.anatomy import *
from myeloscope.domain.grade import *
from myeloscope.errors import InputError
def conv(t):
    F=lambda f:NS(kind=FindingKind(f['kind']),segment=f['segment'],region=Region(f['region']) if f.get('region') else None,side=Side(f['side']),grade=f['grade'],
        reach_mm=f['reach_mm'],extent_mm=f['extent_mm'],sac_width_mm=f['sac_width_mm'],brightness=f.get('brightness') or 0,size_mm=f.get('size_mm'),
        pattern=tuple(f['pattern'] or ()),position_mm=tuple(f['position_mm']),station=f['station'] if f.get('covered',True) else None)
    if t['ruined'] and isinstance(t['ruined'][0],str): ru=[Region(r) for r in t['ruined']]
    else: ru=[Region(r) for x in t['ruined'] for r in x['regions']]
    return NS(seed=t['seed'],arm=t['arm'],variety=t.get('variety','paper'),signs_mrm=t['signs_mrm'],findings=tuple(map(F,t['findings'])),mimics=tuple(map(F,t['mimics'])),
      ruined=tuple(NS(region=r) for r in ru),ruin=(t.get('ruin') or 'none') if not t['ruined'] else (t.get('ruin') or 'ruined'),difficulty=NS(level=t['difficulty']['level'],sac_snr=t['difficulty']['sac_snr'],leak_over_sac=t['difficulty'].get('leak_over_sac')),
      grades={Technique.MRM:{Region(k):Grade(v) for k,v in t['grades']['mr-myelography'].items()}},
      sac=tuple(NS(position_mm=tuple(p['position_mm']),width_mm=p['width_mm'],station=p['station']) for p in t['sac']),raw=t,
      formula=NS(segments=SpineFormula(t['formula']['thoracic'],t['formula']['lumbar']).segments if t.get('formula') else SpineFormula().segments))
def go(seed):
    f=D/f'{seed}.pkl'
    if f.exists(): return
    mod=__import__(f'strange_{which}')
    ds,t=mod.simulate(seed)
    tmp=Path(tempfile.mkdtemp())
    try:
        for i,d in enumerate(ds): d.save_as(tmp/f'{i}.dcm',enforce_file_format=True)
        try: study=load([tmp]).study
        except InputError as e:
            print(seed,'refused',e); return
        f.write_bytes(pickle.dumps((study,conv(t)),protocol=5))
    finally: shutil.rmtree(tmp)
if __name__=='__main__':
    with ProcessPoolExecutor(2) as ex: list(ex.map(go,range(a,a+n),chunksize=2))
