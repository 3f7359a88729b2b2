import sys; sys.argv=[sys.argv[0]]+sys.argv[1:]
from sites2 import *
import matplotlib; matplotlib.use('Agg'); import matplotlib.pyplot as plt
def crops(items,out,setname):
    n=len(items); c=6; r=(n+c-1)//c
    fig,ax=plt.subplots(r,c,figsize=(3*c,2.6*r)); ax=np.atleast_2d(ax)
    for a in ax.ravel(): a.axis('off')
    for a,(seed,seg,txt) in zip(ax.ravel(),items):
        st,tr,sp=load(f'./dev/{setname}/{seed}.pkl')
        r0=[p for p in sp.roots[0] if p.segment.value==seg]
        if not r0: continue
        s=round(r0[0].s_mm*2); L=sp.laterals
        rows=slice(max(0,s-60),s+70)
        im=np.hstack([L[0].signal[rows,::-1],L[1].signal[rows]])
        a.imshow(im,cmap='gray',vmin=-.05,vmax=.6); M=L[0].signal.shape[1]
        for si,roots in enumerate(sp.roots):
            for p in roots:
                y=p.s_mm*2-rows.start
                if 0<=y<im.shape[0]: a.plot([M-6 if si==0 else M+6],[y],'y.' if p.visible else 'r.',ms=2)
        mid=sp.midline_mm(sp.sac.curve.s_mm)
        for t in (*tr.findings,*tr.mimics):
            if t.station is None: continue
            i=int(np.argmin(np.hypot(mid[:,0]-t.position_mm[0],mid[:,2]-t.position_mm[2])))-rows.start
            if 0<=i<im.shape[0]: a.text(M-40 if t.side.value=='right' else M+40,i,f'{t.kind.value[:4]}{t.grade} e{t.extent_mm:.0f}',color='r',fontsize=6,ha='center')
        a.set_title(f'{seed} {seg} {txt}',fontsize=8)
    fig.tight_layout(); fig.savefig(out,dpi=60); plt.close(fig)
if __name__=='__main__':
    items=[tuple(x.split(':')) for x in sys.argv[3:]]
    crops([(i[0],i[1],i[2] if len(i)>2 else '') for i in items],sys.argv[2],sys.argv[1])
