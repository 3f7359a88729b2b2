import sys
from sites2 import *
from scipy.ndimage import gaussian_filter1d
old={(r[0],r[1],r[2]):r for r in pickle.load(open('blur.pkl','rb'))}
rows=[]
for setn,n in (('own',240),('sb',160),('sa',160)):
    for f in sorted(Path(setn).glob('*.pkl'),key=lambda p:int(p.stem))[:n]:
        s=int(f.stem)
        cand=[k for k in old if k[0]==setn and k[1]==s and (old[k][5]>=1.25 or old[k][3]=='motion')]
        if not cand: continue
        st,tr,sp=load(f)
        mid=np.round(sp.sac.curve.points).astype(int); stn=sp.canvas.station[np.clip(mid[:,0],0,sp.canvas.station.shape[0]-1),np.clip(mid[:,1],0,sp.canvas.station.shape[1]-1)]
        for k in cand:
            rs=[p for q in sp.roots for p in q if stn[min(round(p.s_mm*2),len(stn)-1)]==k[2]]
            vis=np.mean([p.visible for p in rs]) if rs else 0
            r=old[k]; print(setn,s,k[2],r[3],r[4],'tail %.2f stripe %.2f vis %.2f nz %.3f edge %.2f'%(r[5],r[6],vis,r[8],r[9]))
