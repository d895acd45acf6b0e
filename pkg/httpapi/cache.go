package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Cache is the remembered counts.
type Cache struct {
	// Bytes is about the memory that they take.
	Bytes int `json:"bytes"`
	// MayDrop says that whoever asks may make them forgotten.
	MayDrop bool `json:"mayDrop"`
}

func (o Options) cache(ctx context.Context) Cache {
	_, forbidden := o.admin(ctx)
	return Cache{o.Engine.CachedBytes(), forbidden == nil}
}

// dropCache forgets what was counted in a stretch of time, all of it by
// default. To ask anew for much is dear to Prometheus: that is for Admins.
func (o Options) dropCache(r *http.Request) (any, error) {
	if _, err := o.admin(r.Context()); err != nil {
		return nil, err
	}
	from, to := time.Unix(0, 0), o.Now()
	for name, bound := range map[string]*time.Time{"from": &from, "to": &to} {
		text := r.URL.Query().Get(name)
		if text == "" {
			continue
		}
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, failure{http.StatusBadRequest, fmt.Errorf("%s %q: must be an instant such as 2026-11-23T09:00:00Z", name, text)}
		}
		*bound = parsed
	}
	if !from.Before(to) {
		return nil, failure{http.StatusBadRequest, fmt.Errorf("from %s: must be before to %s",
			from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))}
	}
	o.Engine.Forget(from, to)
	return o.cache(r.Context()), nil
}
