import sys,json,pydicom,numpy as np
from pathlib import Path
from look import png
from scipy.ndimage import zoom
def crops(base,seeds,out,gain=2.0,kind='findings',half=90,n=8):
    tiles=[]
    for s in seeds:
        t=json.load(open(f'{base}/{s}/truth.json'))
        d={}
        for f in Path(f'{base}/{s}').glob('*.dcm'):
            x=pydicom.dcmread(f); d[x.SOPInstanceUID]=x
        for f in t[kind]:
            if not f['covered'] or f['source'] is None or f['source']['sop_uid'] not in d: continue
            x=d[f['source']['sop_uid']]; a=x.pixel_array.astype(float); a=np.pad(a,200)
            px=float(x.PixelSpacing[0]); h=int(45/px)
            r,c=int(f['source']['row'])+200,int(f['source']['column'])+200
            q=a[max(r-h,0):r+h,max(c-h,0):c+h]; q=zoom(q,380/q.shape[0],order=1)[:380,:380]
            q=np.pad(q,((0,380-q.shape[0]),(0,380-q.shape[1])))
            v=np.percentile(a,99.5); q=np.clip(q/v*gain,0,1)*255; q[:, -2:]=120; q[-2:]=120
            tiles.append(q); print(len(tiles)-1,s,f['segment'],f['side'],f['grade'],f['reach_mm'],f['extent_mm'],f['sac_width_mm'],f['pattern'],f['brightness'])
            if len(tiles)==n: break
        if len(tiles)==n: break
    while len(tiles)<n: tiles.append(np.zeros((380,380)))
    png(np.vstack([np.hstack(tiles[i:i+n//2]) for i in (0,n//2)]),out)
if __name__=='__main__': crops(sys.argv[1],sys.argv[3:],sys.argv[2])
