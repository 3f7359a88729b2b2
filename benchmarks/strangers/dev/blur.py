import sys
from sites2 import *
from scipy.ndimage import gaussian_filter1d
rows=[]
for setn,n in (('own',240),('sb',160),('sa',160)):
    for f in sorted(Path(setn).glob('*.pkl'),key=lambda p:int(p.stem))[:n]:
        st,tr,sp=load(f)
        if sp is None: continue
        mot=tr.ruin=='motion'
        mid=np.round(sp.sac.curve.points).astype(int); stn=sp.canvas.station[np.clip(mid[:,0],0,sp.canvas.station.shape[0]-1),np.clip(mid[:,1],0,sp.canvas.station.shape[1]-1)]
        for k in np.unique(stn[stn>=0]):
            R=(stn==k)&sp.sac.present
            if R.sum()<120: continue
            out=[]
            for l in sp.laterals:
                sm=gaussian_filter1d(l.signal,3/.5,axis=0)[R]
                nz=np.median(l.noise[R])
                prof=np.percentile(sm,40,axis=0)
                d=l.d_mm
                i=np.flatnonzero((prof<.10)&(d>-1))[0] if ((prof<.10)&(d>-1)).any() else len(d)-1
                # windows of 60mm
                win=[np.percentile(sm[a:a+120],40,axis=0) for a in range(0,max(1,len(sm)-119),60)]
                stripe=max(w[(d>4)&(d<25)].max() for w in win); 
                out.append((d[i],stripe,nz, prof[np.argmin(abs(d-1.5))]))
            o=np.array(out)
            rows.append((setn,tr.seed,int(k),tr.ruin,tr.difficulty.level,o[:,0].mean(),o[:,1].max(),o[:,3].mean(),o[:,2].mean(),sp.sac.edge_sd_mm))
pickle.dump(rows,open('blur.pkl','wb'))
for r in rows:
    if r[3]=='motion': print(r[0],r[1],r[2],r[4],*np.round(r[5:],3))
for s in('own','sb','sa'):
    g=np.array([r[5:9] for r in rows if r[0]==s and r[3]=='none'])
    print(s,'ok percentiles 50,95,99,max',np.round(np.percentile(g,[50,90,95,99,100],axis=0),3).T.tolist())
