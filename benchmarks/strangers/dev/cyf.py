import sys
from sites2 import *
from myeloscope.myelography.candidates import prepare, find_candidates
from myeloscope.myelography.features import measure_candidate
from myeloscope.myelography.judge import is_round
from myeloscope.myelography.signs import place_of
setn=sys.argv[1]
tot=0;ok=0;why={}
for f in sorted(Path(setn).glob('*.pkl'),key=lambda p:int(p.stem))[int(sys.argv[2]):int(sys.argv[3])]:
    st,tr,sp=load(f)
    if sp is None or not sp.roots[0] or tr.ruin!='none': continue
    C=[(m,np.array(m.position_mm)) for m in tr.mimics if m.station is not None]
    if not C: continue
    sides=prepare(sp.laterals,sp.roots)
    cs=[c for s in sides for c in find_candidates(s)]
    for m,p in C:
        best=None
        for c in cs:
            if c.side.lateral.side is not m.side: continue
            ft=measure_candidate(c)
            rows,cols=np.nonzero(c.region); 
            s=(c.rows.start+rows.mean())*.5; d=c.side.lateral.d_mm[c.columns][cols].mean()
            q=sp.patient_mm(np.array([s]),np.array([max(d,0)]),m.side)[0]
            e0=sp.patient_mm(np.array([s]),np.array([0.]),m.side)[0]
            dist=min(np.hypot(q[0]-p[0],q[2]-p[2]),np.hypot(e0[0]-p[0],e0[2]-p[2]))
            if best is None or dist<best[0]: best=(dist,ft,c)
        tot+=1
        leak=any(l.side is m.side and l.station is not None and np.hypot(l.position_mm[0]-p[0],l.position_mm[2]-p[2])<12 for l in tr.findings)
        if best is None or best[0]>14: why['nocand']=why.get('nocand',0)+1; print(tr.seed,m.kind.value,m.segment,m.size_mm,'no cand',best and round(best[0],1)); continue
        ft=best[1]
        r=is_round(ft)
        ok+=r
        if not r: print(tr.seed,m.kind.value[:5],m.segment,'size',m.size_mm,'leak' if leak else '','| dia %.1f fit %.2f rim %.2f br %.2f need %.2f rest %.0f spot %.0f det %s'%(ft.dome_diameter,ft.dome_fit,ft.dome_rim,ft.brightness,.045*ft.dome_diameter,ft.rest,3.14*(ft.dome_diameter/2)**2,best[2].is_detached))
print(tot,ok,why)
