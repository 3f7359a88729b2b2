import sys,glob,json,numpy as np,pydicom
from PIL import Image, ImageDraw
def load(d):
    out=[]
    for f in sorted(glob.glob(d+'/*.dcm')):
        ds=pydicom.dcmread(f); a=ds.pixel_array*float(getattr(ds,'RescaleSlope',1)); out.append((ds,a))
    return out
def img(d,mark=False,h=900):
    ims=[]
    t=json.load(open(d+'/truth.json'))
    L=load(d)
    for ds,a in L:
        wc,ww=float(ds.WindowCenter),float(ds.WindowWidth)
        g=((a-(wc-ww/2))/ww).clip(0,1)*255
        im=Image.fromarray(g.astype('u1')).convert('RGB'); k=h/im.height
        im=im.resize((h,h),Image.BICUBIC); dr=ImageDraw.Draw(im)
        if mark:
            for f in t['findings']+t['mimics']:
                s=f['source']
                if s and s['sop_uid']==ds.SOPInstanceUID:
                    x,y=s['column']*k,s['row']*k
                    dr.ellipse([x-3,y-3,x+3,y+3],outline=(255,0,0)); sg=1 if f['side']=='left' else -1
                    dr.text((x+sg*90-30,y),f"{f['segment']} {f['kind'][:4]} g{f['grade']} {f['ratio']}",fill=(255,255,0))
        ims.append(im)
    W=sum(i.width for i in ims); I=Image.new('RGB',(W,h+14)); x=0
    for i in ims: I.paste(i,(x,14)); x+=i.width
    ImageDraw.Draw(I).text((2,1),f"{d} {t['arm']} {t['variety']} {t['difficulty']} {t['grades']['mr-myelography']} {t['ruin']} "+' '.join(f"{f['segment']}{f['side'][0]}g{f['grade']}{f['pattern']}" for f in t['findings']),fill=(0,255,0))
    return I
if __name__=='__main__':
    for s in sys.argv[2:]:
        img(f'{sys.argv[1]}/{s}',mark='MARK' in __import__('os').environ).save(f'png/{s}.png')
