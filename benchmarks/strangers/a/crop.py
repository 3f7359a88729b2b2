import sys; from look import load; from PIL import Image; import numpy as np
# crop.py out seed station r0 c0 h w k
o,s,st,r,c,h,w,k=sys.argv[1:9]; ds,a=load(f'{o}/{s}')[int(st)]
wc,ww=float(ds.WindowCenter),float(ds.WindowWidth)
g=((a-(wc-ww/2))/ww).clip(0,1)*255
r,c,h,w,k=map(int,(r,c,h,w,k))
Image.fromarray(g[r:r+h,c:c+w].astype('u1')).resize((w*k,h*k),Image.BICUBIC).save('png/crop.png')
