import sys,pickle
import numpy as np
sys.path.insert(0,'./')
from pathlib import Path
import matplotlib; matplotlib.use('Agg')
import matplotlib.pyplot as plt
from myeloscope.geometry.canvas import stitch
from myeloscope.myelography.spine import station_noise, see_spine
from myeloscope.myelography.signs import find_signs, place_of
from myeloscope.myelography.lateral import SIGN
from myeloscope.domain.grade import FindingKind as K
def show(path,out):
    study,truth=pickle.loads(Path(path).read_bytes())
    c=stitch(study); sp=see_spine(c,station_noise(c,study),{})
    fig,axs=plt.subplots(1,3,figsize=(24,20))
    axs[0].imshow(c.pixels,cmap='gray',vmax=np.percentile(c.pixels,99.5),extent=None); axs[0].set_title(f'{truth.seed} {truth.arm} {truth.difficulty.level} {truth.ruin}')
    if sp is not None:
        for e in (-1,1):
            p=sp.sac.curve.at(sp.sac.curve.s_mm,e*sp.sac.width_mm/2); axs[0].plot(p[:,1],p[:,0],'c',lw=.4)
        signs=find_signs(sp)
        N=len(sp.sac.curve.s_mm)
        im=np.hstack([sp.laterals[0].signal[:,::-1],np.ones((N,4)),sp.laterals[1].signal])
        M=sp.laterals[0].signal.shape[1]
        for a in axs[1:]:
            a.imshow(im,cmap='gray',vmin=-.1,vmax=.8,aspect='equal')
        for si,roots in enumerate(sp.roots):
            for r in roots:
                col=(M-6) if si==0 else M+4+6
                axs[2].text(col-(40 if si==0 else -40),r.s_mm*2,r.segment.value+('' if r.visible else '?'),color='y',fontsize=7,ha='center')
                axs[2].plot([col],[r.s_mm*2],'y.',ms=3)
        def xy(s,d,side):
            col=(d+3)*2
            return ((M-1-col) if side.value=='right' else M+4+col, s*2)
        for s in signs:
            ss,dd=place_of(s.candidate); x,y=xy(ss[0],dd[0],s.side)
            f=s.judgement
            axs[2].text(x+(-60 if s.side.value=='right' else 60),y+8,f'{f.kind.value[:5]} {f.score:.2f} a{s.features.area:.0f} e{s.features.extent:.1f}',color='lime' if f.score>=.5 else 'cyan',fontsize=7,ha='center')
            col0=s.candidate.columns.start
            m=np.zeros_like(sp.laterals[0].signal); m[s.candidate.rows,s.candidate.columns]=s.candidate.excess
            mm=np.hstack([m[:,::-1],np.zeros((N,4)),np.zeros_like(m)]) if s.side.value=='right' else np.hstack([np.zeros_like(m),np.zeros((N,4)),m])
            axs[2].contour(mm,[.5],colors='lime' if f.score>=.5 else 'cyan',linewidths=.6)
        # truth
        mid=sp.midline_mm(sp.sac.curve.s_mm)
        for t in (*truth.findings,*truth.mimics):
            if t.station is None: continue
            i=np.argmin(np.hypot(mid[:,0]-t.position_mm[0],mid[:,2]-t.position_mm[2]))
            x,y=xy(i*.5,0,t.side)
            axs[1].text(x+(-50 if t.side.value=='right' else 50),y,f'{t.kind.value[:5]} {t.segment} g{t.grade} e{t.extent_mm:.0f} b{t.brightness:.2f}',color='red',fontsize=8,ha='center')
            axs[1].plot([x],[y],'r+')
    for a in axs: a.axis('off')
    fig.tight_layout(); fig.savefig(out,dpi=55); plt.close(fig)
if __name__=='__main__':
    for s in sys.argv[2:]: show(f'./dev/{sys.argv[1]}/{s}.pkl',f'./dev/show_{sys.argv[1]}_{s}.png')
