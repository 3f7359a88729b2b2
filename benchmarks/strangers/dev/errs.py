import sys,pickle,collections
import numpy as np
sys.path.insert(0,'./')
from pathlib import Path
from concurrent.futures import ProcessPoolExecutor
from myeloscope.geometry.canvas import stitch
from myeloscope.myelography.spine import station_noise, see_spine
from myeloscope.myelography.signs import find_signs, place_of
from myeloscope.domain.grade import FindingKind as K
D=Path('./dev')/sys.argv[1]
def go(seed):
    study,truth=pickle.loads((D/f'{seed}.pkl').read_bytes())
    if truth.ruin!='none': return []
    c=stitch(study); sp=see_spine(c,station_noise(c,study),{})
    if sp is None: return [('nospine',)]
    signs=find_signs(sp)
    pts=[sp.patient_mm(*place_of(s.candidate),s.side)[0] for s in signs]
    out=[];used=set()
    for t in truth.findings:
        if t.kind is not K.LEAK or t.station is None: continue
        near=[(np.hypot(p[0]-t.position_mm[0],p[2]-t.position_mm[2]),i) for i,(p,s) in enumerate(zip(pts,signs)) if s.side is t.side]
        near.sort()
        ok=[i for d,i in near if d<=12]
        used.update(i for d,i in near if d<30)
        leaks=[i for i in ok if signs[i].judgement.kind is K.LEAK]
        if not ok: st='none' if not near or near[0][0]>25 else 'far'
        elif not leaks: st='cyst'
        else:
            sc=max(signs[i].judgement.score for i in leaks); st='hit' if sc>=.5 else 'low'
        out.append(('leak',st,truth.difficulty.level,truth.variety,int(t.grade),t.region.value,t.segment.value,round(t.brightness,2),round(t.extent_mm,1),'+'.join(t.pattern),seed))
    for i,s in enumerate(signs):
        if s.judgement.kind is K.LEAK and s.judgement.score>=.5 and i not in used:
            p=pts[i]
            m=[t for t in truth.mimics if t.station is not None and t.side is s.side and np.hypot(p[0]-t.position_mm[0],p[2]-t.position_mm[2])<15]
            out.append(('false','mimic' if m else 'other',truth.difficulty.level,truth.variety,s.segment.value,s.side.value,round(s.judgement.score,2),seed,truth.arm))
    return out
if __name__=='__main__':
    seeds=range(int(sys.argv[2]),int(sys.argv[3]))
    with ProcessPoolExecutor(2) as ex: R=[r for rs in ex.map(go,seeds,chunksize=4) for r in rs]
    L=[r for r in R if r[0]=='leak']
    print(len(L),collections.Counter(r[1] for r in L))
    for k,name in ((2,'diff'),(3,'var'),(4,'grade'),(5,'region'),(9,'pattern')):
        g=collections.defaultdict(collections.Counter)
        for r in L: g[r[k]][r[1]]+=1
        for v in sorted(g): print(name,v,dict(g[v]))
    F=[r for r in R if r[0]=='false']
    print('false',collections.Counter(r[1:3] for r in F))
    for r in L:
        if r[1] in('none','far') : print(r)
