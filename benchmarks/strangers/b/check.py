"""Independent measurement on the written DICOM files (geometry from the headers alone) against truth.json."""
import sys,json,pydicom,numpy as np
from pathlib import Path
from scipy.ndimage import map_coordinates, gaussian_filter
base=sys.argv[1]; rows=[];wr=[];re=[];br=[];hit=[];n=dict(easy=0,medium=0,hard=0);P=0;G={};cyst=0;cov=[];ru=0;ctl=0
for d in sorted(Path(base).iterdir()):
    t=json.load(open(d/'truth.json')); n[t['difficulty']['level']]+=1
    P+=t['arm']=='patient'; ru+=t['ruin']!='none'; ctl+=t['arm']=='control'; cyst+=(t['arm']=='control' and len(t['mimics'])>0)
    if t['ruin']=='none': cov.append(len(t['coverage'])>=2+15+5)
    for f in t['findings']: G[(f['region'],f['grade'])]=G.get((f['region'],f['grade']),0)+1
    if t['ruin']!='none': continue
    im={}
    for f in d.glob('*.dcm'):
        x=pydicom.dcmread(f); a=x.pixel_array.astype(float)*float(x.get('RescaleSlope',1))
        o=np.array(x.ImagePositionPatient,float); c=np.array(x.ImageOrientationPatient[:3],float); r=np.array(x.ImageOrientationPatient[3:],float); px=float(x.PixelSpacing[0])
        im[x.SOPInstanceUID]=(a,o,c,r,px)
    S=[im.get(s['sop_uid']) for s in t['stations']]
    def samp(k,p):
        a,o,c,r,px=S[k]; q=np.asarray(p)-o
        return map_coordinates(a,[q@r/px,q@c/px],order=1,mode='constant')
    sac=t['sac']; pos=np.array([s['position_mm'] for s in sac]); 
    sig={0:[],1:[]}; 
    for i in range(3,len(sac)-8):
        k=sac[i]['station']
        if k is None or sac[i-1]['station']!=k or sac[i+1]['station']!=k: continue
        tg=pos[i+1]-pos[i-1]; tg[1]=0; tg/=np.linalg.norm(tg); lat=np.array([-tg[2],0,tg[0]])
        w=sac[i]['width_mm']; u=np.arange(-40,40,.1); prof=samp(k,pos[i]+u[:,None]*lat)
        m=prof[np.abs(u)<.45*w].mean(); sig[k].append(m)
        if i%4==0:   # half-maximum width of the outer band, local shoulder
            e=[]
            for sd in (1,-1):
                q=prof if sd>0 else prof[::-1]; uu=u if sd>0 else -u[::-1]
                win=(uu>w/2-4.5)&(uu<w/2+2.5); v=q[win]; mx=v.max(); j=np.nonzero(v>mx/2)[0][-1]; e.append(uu[win][j])
            wr.append(sum(e)-w)
    for k in (0,1):
        if not sig[k]: continue
        a=S[k][0]; b=a.shape[0]//16; h=a.shape[0]//4
        # local noise: smallest block means of background, Rayleigh
        bl=[a[i:i+b,j:j+b] for i in range(0,a.shape[0]-b,b) for j in range(0,a.shape[1]-b,b)]
        nz=np.percentile([q.std()/.6551 for q in bl],20)
        rows.append((t['difficulty']['level'],np.median(sig[k])/max(nz,1e-6)/t['difficulty']['sac_snr']))
    for f in t['findings']:
        k=f['station']
        if k is None: continue
        p=np.array(f['position_mm']); i=np.argmin(((pos-p)**2)[:,[0,2]].sum(1)); i=min(max(i,1),len(pos)-2)
        tg=pos[i+1]-pos[i-1]; tg[1]=0; tg/=np.linalg.norm(tg); sd=1 if f['side']=='left' else -1; lat=sd*np.array([-tg[2],0,tg[0]])
        ref=np.median(sig[k]) if sig[k] else np.nan
        u=np.arange(.5,f['reach_mm']+14,.3); s=np.arange(-25,75,.3)
        L=samp(k,p+u[None,:,None]*lat+s[:,None,None]*tg); bgv=np.median(L[:, -10:])
        A=gaussian_filter(L-bgv,1)/ref
        if t['difficulty']['level']=='easy':
            from scipy.ndimage import label
            lab,_=label(A>f['brightness']/4); 
            ids=np.unique(lab[(np.abs(s)<8)[:,None]&(u<f['reach_mm']*.8)[None]&(lab>0)])
            m=np.isin(lab,ids)&(lab>0)
            if m.any(): re.append((f['grade'],u[np.nonzero(m.any(0))[0][-1]]-f['reach_mm']))
            v=A[m&(u>0.5)[None]]; v=v[v>.12*v.max()] if v.size else v
            if v.size: br.append(np.percentile(v,75)/f['brightness'])
print('levels',n,'patients',P,'controls with mimics',cyst,'/',ctl,'ruined',ru,'full coverage',np.mean(cov))
print('grades',dict(sorted(G.items())))
for l in n: v=[r for a,r in rows if a==l]; print(l,'snr measured/true median',np.median(v).round(2),np.percentile(v,[5,95]).round(2))
print('half-max width minus truth: median',np.median(wr).round(2),np.percentile(wr,[5,95]).round(2),len(wr))
for g in (1,2,3):
    v=[x for a,x in re if a==g]; print('easy reach measured-true grade',g,np.median(v).round(2),np.percentile(v,[10,90]).round(2),len(v))
print('brightness measured/true',np.median(br).round(2),np.percentile(br,[10,90]).round(2))
