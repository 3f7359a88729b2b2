import sys; sys.argv=['x']
from sites import *
from scipy.ndimage import gaussian_filter, gaussian_filter1d
for s in (0,2,4,8,10,14,16,164,121):
    st,tr,sp=load(f'own/{s}.pkl')
    l=sp.laterals[0]; sm=gaussian_filter(l.signal,.7/.5); hp=l.signal-sm
    c=slice(l.column(8),l.column(55))
    rows=slice(200,700,100)
    q=[]
    for r in range(60,len(sm)-60,120):
        R=slice(r,r+20)
        if not l.seen[R,c].all(): continue
        x=sm[R,c]; q.append((1.4826*np.median(np.abs(x-np.median(x))), 1.4826*np.median(np.abs(hp[R,c])), l.noise[R].mean()))
    q=np.array(q)
    print(s,tr.difficulty.level,tr.variety,'smooth/hp',np.round(q[:,0]/q[:,1],2),'hp/noise',np.round(q[:,1]/q[:,2],2))
