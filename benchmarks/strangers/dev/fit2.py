import sys,pickle
from fit import *
RISES=("course_", "spot_", "patch_", "all_", "contrast_", "mass_ratio", "brightness_ratio"); FALLS=("piece_off_course","piece_near")
def mdl(names,it=160,**k): return H(max_iter=it,max_leaf_nodes=8,learning_rate=.07,min_samples_leaf=20,l2_regularization=5,early_stopping=False,random_state=0,max_features=.35,monotonic_cst=[n.startswith(RISES)-n.startswith(FALLS) for n in names],**k)
def tabs(*w):
    T=[]
    for x in w: T+=pickle.load(open(f'./dev/tab_{x}.pkl','rb'))
    return T
def cv(T,folds=4,label='cv'):
    names,X,y,g,grp,cy=stack(T); s=np.full(len(y),np.nan)
    for tr,te in GroupKFold(folds).split(X,groups=grp):
        k=tr[~np.isnan(y[tr])]; s[te]=mdl(names).fit(X[k],y[k]==1).decision_function(X[te])
    froc(T,s,grp,y,g,label); return s
def cross(A,B,label):
    names,X,y,g,grp,cy=stack(A); k=~np.isnan(y); m=mdl(names).fit(X[k],y[k]==1)
    _,X,y,g,grp,cy=stack(B); s=m.decision_function(X); froc(B,s,grp,y,g,label); return m,s
