"""Prototype of root-site features."""
import sys,pickle
import numpy as np
sys.path.insert(0,'./')
from pathlib import Path
from collections import defaultdict
from myeloscope.geometry.canvas import stitch
from myeloscope.myelography.spine import station_noise, see_spine
from myeloscope.myelography.candidates import prepare, find_candidates, join
from myeloscope.myelography.features import measure_candidate, Features
from myeloscope.myelography.judge import is_round
from myeloscope.myelography.sac import STEP_MM
from myeloscope.domain.grade import FindingKind as K
from dataclasses import fields
U=np.arange(-14,15.); D=np.arange(1.,46.)
ZONES=((0,3),(3,6),(6,10),(10,15),(15,22),(22,32),(32,45))
def patches(side):
    lat=side.lateral; sm=side.smooth
    out=np.zeros((len(side.roots),len(U),len(D))); ok=np.zeros(out.shape,bool)
    cols=np.array([lat.column(d) for d in D])
    for k,r in enumerate(side.roots):
        rows=np.round((r.line_mm(D)[None,:]+U[:,None])/STEP_MM).astype(int)
        ins=(rows>=0)&(rows<len(sm)); rr=np.clip(rows,0,len(sm)-1)
        own=ins&(side.cell[rr,cols[None,:]]==k)&lat.seen[rr,cols[None,:]]
        out[k]=np.where(own,sm[rr,cols[None,:]],0); ok[k]=own
    return out,ok
def shape(P,spread):
    """per patch: course profile length, base width, mass"""
    core=np.abs(U)<=2
    prof=P[:,core].max(axis=1)            # n, D
    near=prof[:,:4].max(axis=1)
    lev=np.maximum(.25*near,np.maximum(3*spread,.03))
    below=prof<lev[:,None]
    length=np.where(below.any(1),D[below.argmax(1)],D[-1])
    base=P[:,:,:2].mean(2)
    bw=(base>np.maximum(.5*base.max(1),.1)[:,None]).sum(1).astype(float)
    qw=(base>np.maximum(.25*base.max(1),.08)[:,None]).sum(1).astype(float)
    return near,length,bw,qw
def loo(values,k,n=3,stat=np.median):
    lo,hi=max(0,k-n),k+n+1
    return values[:,lo:hi]
def site_features(spine):
    sides=prepare(spine.laterals,spine.roots)
    pp=[patches(s) for s in sides]
    P=np.stack([p[0] for p in pp]); OK=np.stack([p[1] for p in pp])
    n=P.shape[1]
    sp=np.stack([s.spread[[min(round(r.s_mm/STEP_MM),len(s.spread)-1) for r in s.roots]] for s in sides])
    nz=np.stack([s.lateral.noise[[min(round(r.s_mm/STEP_MM),len(s.spread)-1) for r in s.roots]] for s in sides])
    sh=[shape(P[i],sp[i]) for i in (0,1)]
    near,length,bw,qw=(np.stack([sh[0][j],sh[1][j]]) for j in range(4))
    rows=[]
    cand=[defaultdict(list),defaultdict(list)]
    for i,s in enumerate(sides):
        for c in find_candidates(s): cand[i][c.root.segment].append(c)
    slopes=np.array([r.normal.slope for r in sides[0].roots])
    for i,s in enumerate(sides):
        for k,r in enumerate(s.roots):
            f={}
            lo,hi=max(0,k-3),min(n,k+4)
            ref=[(a,b) for a in (0,1) for b in range(lo,hi) if (a,b)!=(i,k)]
            R=np.stack([P[a,b] for a,b in ref]); V=np.stack([OK[a,b] for a,b in ref])
            T=np.median(R,axis=0); T75=np.partition(R,int(.75*(len(R)-1)),axis=0)[int(.75*(len(R)-1))]
            E=P[i,k]-T; E75=np.maximum(P[i,k]-1.15*T75,0)
            ok=OK[i,k]
            contra=P[1-i,k]
            for (a,b) in ZONES:
                m=ok&(D>a)[None,:]&(D<=b)[None,:]
                mc=m&(np.abs(U)<=4)[:,None]
                if m.sum()<3:
                    v=(0,0,0,0,0,0)
                else:
                    e=E[m]; 
                    blk=E75*m
                    top=np.sort(blk.ravel())[::-1]
                    v=(E[mc].mean() if mc.any() else 0, P[i,k][mc].mean() if mc.any() else 0, E75[m].mean(), top[:6].mean(), top[:20].mean(), (E-(contra-T))[m].mean())
                for name,x in zip(('ec','pc','e75','t6','t20','dc'),v): f[f'{name}_{a}']=float(x)
                f[f'z_{a}']=f[f't20_{a}']/sp[i,k]
            for name,arr in (('near',near),('length',length),('bw',bw),('qw',qw)):
                x=arr[i,k]; o=np.array([arr[a,b] for a,b in ref])
                f[name]=float(x); f[name+'_r']=float(np.log((x+.05)/(np.median(o)+.05))); f[name+'_c']=float(np.log((x+.05)/(arr[1-i,k]+.05)))
                f[name+'_x']=float(x-o.max())
            f['mass_ratio']=float(s.mass[k]); f['brightness_ratio']=float(s.brightness[k])
            f['mass_contra']=float(s.mass[k]-sides[1-i].mass[k])
            f['spread']=float(sp[i,k]); f['noise']=float(nz[i,k]); f['slope']=float(r.normal.slope); f['normal_tip']=r.normal.sleeve_mm
            w=float(np.interp(r.s_mm,spine.sac.curve.s_mm,spine.sac.width_mm)); f['width']=w
            cs=[c for c in cand[i][r.segment]]
            att=[]; rnd=0; rest=[]
            for c in cs:
                if not c.is_detached:
                    ft=measure_candidate(c)
                    if is_round(ft): rnd+=1; continue
                rest.append(c)
            f['round']=rnd
            use=rest if rest and not all(c.is_detached for c in rest) else []
            if use:
                ft=measure_candidate(use[0] if len(use)==1 else join(use)).as_record()
            else: ft={x.name:0.0 for x in fields(Features)}|{'extent':0.0}
            for a,b in ft.items(): f['c_'+a]=b
            rows.append((i,k,r,f,use))
    return sides,rows
def load(path):
    study,truth=pickle.loads(Path(path).read_bytes())
    c=stitch(study); return study,truth,see_spine(c,station_noise(c,study),{})
def table(path):
    study,truth,spine=load(path)
    if truth.ruin!='none' or spine is None or not spine.roots[0]: return None
    sides,rows=site_features(spine)
    pos=[]
    for i,k,r,f,use in rows: pos.append(spine.patient_mm(np.array([r.s_mm]),np.array([0.]),r.side)[0])
    pos=np.array(pos); sd=[r[2].side for r in rows]
    y=np.zeros(len(rows)); g=np.zeros(len(rows)); matched=0; nl=0
    cys=np.zeros(len(rows),bool)
    for t in (*truth.findings,*truth.mimics):
        if t.station is None: continue
        d=np.hypot(pos[:,0]-t.position_mm[0],pos[:,2]-t.position_mm[2]); d=np.where([s is t.side for s in sd],d,1e9)
        j=int(d.argmin()); near=(d<30)
        if t.kind is K.LEAK:
            nl+=1
            y[near&(y==0)]=np.nan
            if d[j]<=12: y[j]=1; g[j]=int(t.grade); matched+=1
        elif t.kind is K.EPIDURAL_COLLECTION:
            for q in range(len(rows)):
                if (t.side.value=='midline' or sd[q] is t.side) and abs(pos[q,2]-t.position_mm[2])<(t.size_mm or 60): 
                    if y[q]==0: y[q]=np.nan
        else: cys[j]|=d[j]<12
    names=list(rows[0][3]); X=np.array([[r[3][n] for n in names] for r in rows],np.float32)
    return dict(seed=truth.seed,X=X,y=y,g=g,cyst=cys,names=names,nl=nl,matched=matched,level=truth.difficulty.level,seg=[r[2].segment.value for r in rows],pos=truth.signs_mrm)
if __name__=='__main__':
    from concurrent.futures import ProcessPoolExecutor
    d=Path('./dev')/sys.argv[1]
    files=sorted(d.glob('*.pkl'),key=lambda p:int(p.stem))
    lo,hi=int(sys.argv[2]),int(sys.argv[3])
    files=[f for f in files if lo<=int(f.stem)<hi]
    with ProcessPoolExecutor(2) as ex: T=[t for t in ex.map(table,files,chunksize=4) if t]
    pickle.dump(T,open(f'./dev/tab_{sys.argv[1]}.pkl','wb')); print(len(T),sum(t['matched'] for t in T),sum(t['nl'] for t in T))
