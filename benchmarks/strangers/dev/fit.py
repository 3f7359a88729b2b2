import sys,pickle
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier as H
from sklearn.model_selection import GroupKFold
def stack(T):
    names=T[0]['names']
    X=np.vstack([t['X'] for t in T]); y=np.concatenate([t['y'] for t in T]); g=np.concatenate([t['g'] for t in T])
    grp=np.concatenate([[i]*len(t['y']) for i,t in enumerate(T)]); cy=np.concatenate([t['cyst'] for t in T])
    return names,X,y,g,grp,cy
def froc(T,score,grp,y,g,label=''):
    # per-case: max score; per site froc
    nl=sum(t['nl'] for t in T); pos=np.array([t['pos'] for t in T]); n=len(T)
    neg=y==0
    order=np.sort(score[neg])[::-1]
    out=[]
    for fp in (.1,.2,.5,1):
        th=order[min(len(order)-1,int(fp*n))]
        out.append(f'{fp}: {np.sum((y==1)&(score>th))/nl:.3f}')
    cs=np.array([np.max(score[(grp==i)&~np.isnan(y)&((y==1)|(~t["pos"]) )],initial=-20) if t['pos'] else np.max(score[grp==i],initial=-20) for i,t in enumerate(T)])
    full=np.array([score[grp==i].max() for i in range(n)])
    lev=np.array([t['level'] for t in T])
    def auc(m):
        a,b=full[m&pos],full[m&~pos]; return (a[:,None]>b[None]).mean()+.5*(a[:,None]==b[None]).mean()
    print(label,'froc',out,'case auc %.3f'%auc(np.ones(n,bool)),{l:round(float(auc(lev==l)),3) for l in ('easy','medium','hard')},
      'by grade @.2:',{k:round(float(np.mean(score[(y==1)&(g==k)]>order[int(.2*n)])),3) for k in (1,2,3)})
    best=max(((full[pos]>t).mean()+(full[~pos]<=t).mean(),t) for t in np.unique(full)); t=best[1]
    print('   best youden sens %.3f spec %.3f'%((full[pos]>t).mean(),(full[~pos]<=t).mean()), 'spec.95 sens %.3f'%((full[pos]>np.quantile(full[~pos],.95)).mean()))
def model(**k): return H(max_iter=200,max_leaf_nodes=8,learning_rate=.06,min_samples_leaf=15,l2_regularization=5,early_stopping=False,random_state=0,max_features=.4,**k)
if __name__=='__main__':
    T=pickle.load(open(f'./dev/tab_{sys.argv[1]}.pkl','rb'))
    names,X,y,g,grp,cy=stack(T)
    def cv(cols,label):
        Z=X[:,cols]; s=np.full(len(y),np.nan)
        for tr,te in GroupKFold(5).split(Z,groups=grp):
            k=tr[~np.isnan(y[tr])]; m=model().fit(Z[k],y[k]==1); s[te]=m.decision_function(Z[te])
        froc(T,s,grp,y,g,label); return s
    c=[i for i,n in enumerate(names) if n.startswith('c_') or n in('mass_ratio','brightness_ratio','round')]
    cv(c,'old-like'); p=[i for i,n in enumerate(names) if not n.startswith('c_')]
    cv(p,'patch only'); s=cv(list(range(len(names))),'all')
    print('cyst sites called', np.sum(cy&(y==0)&(s>np.sort(s[y==0])[::-1][int(.2*len(T))])), np.sum(cy&(y==0)))
