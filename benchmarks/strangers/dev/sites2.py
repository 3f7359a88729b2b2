import sys,pickle
import numpy as np
sys.path.insert(0,'./')
from pathlib import Path
from myeloscope.geometry.canvas import stitch
from myeloscope.myelography.spine import station_noise, see_spine
from myeloscope.myelography.signs import find_sites
from myeloscope.domain.grade import FindingKind as K
def load(path):
    study,truth=pickle.loads(Path(path).read_bytes())
    c=stitch(study); return study,truth,see_spine(c,station_noise(c,study),{})
def table(path):
    study,truth,spine=load(path)
    if truth.ruin!='none' or spine is None: return None
    sites,rounds=find_sites(spine)
    if not sites: return None
    pos=np.array([spine.patient_mm(np.array([r.root.s_mm]),np.array([0.]),r.root.side)[0] for r in sites])
    sd=[r.root.side for r in sites]; n=len(sites)
    y=np.zeros(n); g=np.zeros(n); matched=0; nl=0; cys=np.zeros(n,bool)
    for t in (*truth.findings,*truth.mimics):
        if t.station is None: continue
        d=np.hypot(pos[:,0]-t.position_mm[0],pos[:,2]-t.position_mm[2]); d=np.where([s is t.side for s in sd],d,1e9)
        j=int(d.argmin()); near=(d<30)
        if t.kind is K.LEAK:
            nl+=1
            y[near&(y==0)]=np.nan
            if d[j]<=12: y[j]=1; g[j]=int(t.grade); matched+=1
        elif t.kind is K.EPIDURAL_COLLECTION:
            for q in range(n):
                if (t.side.value=='midline' or sd[q] is t.side) and abs(pos[q,2]-t.position_mm[2])<(t.size_mm or 60):
                    if y[q]==0: y[q]=np.nan
        else: cys[j]|=d[j]<12
    names=list(sites[0].measures); X=np.array([[r.measures[m] for m in names] for r in sites],np.float32)
    return dict(seed=truth.seed,X=X,y=y,g=g,cyst=cys,names=names,nl=nl,matched=matched,level=truth.difficulty.level,seg=[r.root.segment.value for r in sites],pos=truth.signs_mrm)
if __name__=='__main__':
    from concurrent.futures import ProcessPoolExecutor
    d=Path('./dev')/sys.argv[1]
    files=sorted(d.glob('*.pkl'),key=lambda p:int(p.stem))
    lo,hi=int(sys.argv[2]),int(sys.argv[3])
    files=[f for f in files if lo<=int(f.stem)<hi]
    with ProcessPoolExecutor(2) as ex: T=[t for t in ex.map(table,files,chunksize=4) if t]
    pickle.dump(T,open(f'./dev/tab_{sys.argv[1]}.pkl','wb')); print(len(T),sum(t['matched'] for t in T),sum(t['nl'] for t in T))
