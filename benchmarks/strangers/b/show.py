import sys,json,pydicom,numpy as np
from pathlib import Path
from look import png
def pic(d,zoom=1):
    out=[]
    for f in sorted(Path(d).glob('*.dcm')):
        x=pydicom.dcmread(f); a=x.pixel_array.astype(float); 
        k=int(np.ceil(512/ max(a.shape))) 
        ref=np.percentile(a,99.3); b=np.clip(a/ref,0,1)*255
        if b.shape[0]!=512:
            i=(np.arange(512)*b.shape[0]/512).astype(int); b=b[i][:,i]
        out.append(b)
    while len(out)<2: out.append(np.zeros((512,512)))
    return np.vstack(out)
if __name__=='__main__':
    base=sys.argv[1]; seeds=sys.argv[3:]; png(np.hstack([pic(f'{base}/{s}') for s in seeds]),sys.argv[2])
    for s in seeds:
        t=json.load(open(f'{base}/{s}/truth.json')); print(s,t['arm'],t['difficulty'],t['ruin'],t['grades']['mr-myelography'],[(f['segment'],f['side'][0],f['grade'],round(f['reach_mm'],1),round(f['extent_mm'],1),round(f['sac_width_mm'],1),f['pattern']) for f in t['findings']],[(f['segment'],f['side'][0],f['kind'][:4],round(f['size_mm'],1)) for f in t['mimics']],len(t['coverage']))
