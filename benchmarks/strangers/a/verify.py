"""Independent measurement on the written images (never calls the simulator)."""
import sys,glob,json,numpy as np,pydicom
from scipy.ndimage import gaussian_filter, map_coordinates
def load(d):
    t=json.load(open(d+'/truth.json')); im={}
    for f in sorted(glob.glob(d+'/*.dcm')):
        ds=pydicom.dcmread(f); a=ds.pixel_array*float(getattr(ds,'RescaleSlope',1)); im[ds.SOPInstanceUID]=(ds,a)
    return t,im
def topix(ds,p):
    ipp=np.array(ds.ImagePositionPatient,float); r=np.array(ds.ImageOrientationPatient[:3],float); c=np.array(ds.ImageOrientationPatient[3:],float)
    q=np.array(p)-ipp; s=float(ds.PixelSpacing[0]); return q@c/s,q@r/s
rows=[]; off=[]; wd=[]; snr=[]; lk=[]; srcerr=[]; rch=[]
for d in sys.argv[1:]:
    t,im=load(d)
    if t['ruin'] in('motion','signal-loss'): continue
    st=[s['sop_uid'] for s in t['stations']]
    S=[];N=[]
    for k,u in enumerate(st):
        if u not in im: continue
        ds,a=im[u]; px=float(ds.PixelSpacing[0])
        pts=[s for s in t['sac'] if s['station']==k and s['width_mm']>8]
        # geometry along image rows
        sm=gaussian_filter(a,0.6)
        for p,q in zip(pts[1:-1],pts[2:]):
            r,c=topix(ds,p['position_mm'])
            r2,c2=topix(ds,q['position_mm'])
            tang=np.array([r2-r,c2-c]); tang/=np.hypot(*tang); nrm=np.array([-tang[1],tang[0]]); nrm=nrm if nrm[1]>0 else -nrm
            e=np.arange(-25,25,0.1)/px
            if not 8<r<a.shape[0]-8: continue
            prof=np.mean([map_coordinates(sm,[r+nrm[0]*e+tang[0]*j,c+nrm[1]*e+tang[1]*j],order=1) for j in (-1,0,1)],0)
            core=np.median(prof[np.abs(e*px)<0.35*p['width_mm']]); bg=np.percentile(prof,20)
            w=prof>bg+0.5*(core-bg)
            m=len(e)//2; i=m
            if not w[m]: continue
            while i>0 and w[i-1]: i-=1
            j=m
            while j<len(e)-1 and w[j+1]: j+=1
            off.append(0.5*(e[i]+e[j])*px); wd.append((e[j]-e[i])*px-p['width_mm'])
            S.append(core)
        # noise from difference operator in empty columns
        hp=(a[:,1:]-a[:,:-1])
        z=a[:, :int(a.shape[1]*0.22)]
        N.append((np.median(z[z>0]),))
    for f in t['findings']:
        if f['kind']!='leak' or not f['covered'] : continue
        ds,a=im[st[f['station']]]; px=float(ds.PixelSpacing[0])
        r,c=topix(ds,f['position_mm']); srcerr.append(np.hypot(r-f['source']['row'],c-f['source']['column']))
        if t['difficulty']['level']!='easy': continue
        # reach measured on the image: max over rows +-30 mm, sac edge from truth's sac samples
        sac=[(topix(ds,s['position_mm']),s['width_mm']) for s in t['sac'] if s['station']==f['station']]
        R=np.array([x[0][0] for x in sac]);C=np.array([x[0][1] for x in sac]);W=np.array([x[1] for x in sac]); o=np.argsort(R)
        sg=1 if f['side']=='left' else -1
        rows_=np.arange(max(0,int(r-40/px)),min(a.shape[0],int(r+60/px)))
        cc=np.interp(rows_,R[o],C[o]); ww=np.interp(rows_,R[o],W[o])
        sl=np.gradient(cc,rows_); k=1/np.sqrt(1+sl**2)
        X=np.arange(a.shape[1])
        lat=(sg*(X[None]-cc[:,None])*k[:,None])*px-ww[:,None]/2
        bgm=np.median(a[rows_][(lat>20)&(lat<70)])
        b=a[rows_]-bgm
        core=np.median(b[(np.abs(lat+ww[:,None]/2)<ww[:,None]*0.4)&(np.abs(rows_-r)*px<10)[:,None]])
        nearrow=(np.abs(rows_-r)*px<f['reach_mm']+12)[:,None]&(lat>0.6)&(lat<f['reach_mm']+15)
        rch.append((d.split('/')[-1],f['segment'],f['side'][0],f['grade'],f['reach_mm'],f['ratio'],f['brightness'],[c for c in t['strange']['check'] if c['id']==f['id']][0]['reach_if_quarter_of_peak_mm']))
        own=np.percentile(b[nearrow][b[nearrow]>0.08*core],90)
        msk=nearrow&(gaussian_filter(b,0.5)>own/4)
        lk.append((b[msk].mean()/core if msk.any() else 0, lat[msk].max() if msk.any() else 0))
    print(d,t['difficulty']['level'],'snr truth %.1f'%t['difficulty']['sac_snr'],'sac/bg-median %.1f'%(np.median(S)/np.median([n[0] for n in N]) if S and N else -1),t['strange']['protocol']['coils'],t['strange']['protocol']['post'])
off=np.array(off);wd=np.array(wd)
print('centre offset mm median %.2f p5 %.2f p95 %.2f'%(np.median(off),*np.percentile(off,[5,95])),'half-max width - truth: median %.2f p5 %.2f p95 %.2f n %d'%(np.median(wd),*np.percentile(wd,[5,95]),len(wd)))
print('src err',max(srcerr) if srcerr else None)
for a,b in zip(rch,lk): print(a,'| image: mean/sac %.2f reach %.1f'%b)
