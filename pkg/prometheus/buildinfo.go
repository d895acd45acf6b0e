package prometheus

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/accord-sla/accord/pkg/sli"
)

// buildInfo is the answer of /api/v1/status/buildinfo. Mimir and Cortex name
// themselves in application; VictoriaMetrics answers with a version of
// Prometheus, or with nothing.
type buildInfo struct {
	Status string `json:"status"`
	Data   struct {
		Application string `json:"application"`
		Version     string `json:"version"`
	} `json:"data"`
}

// name sets Name and Version, which are for people only: a server that has no
// build info, or whose proxy hides it, is as good as any.
func (c *Client) name(ctx context.Context, engine *Engine) {
	var info buildInfo
	_, err := c.ask(WithoutRetry(ctx), question{
		path:  "status/buildinfo",
		asked: "build info",
		form:  url.Values{},
		get:   true,
		read: func(in *input) (Answer, error) {
			in.element()
			return Answer{}, json.NewDecoder(in).Decode(&info)
		},
	})
	if err != nil {
		info = buildInfo{}
	}
	application, version := shorten(info.Data.Application, 60), shorten(info.Data.Version, 60)
	switch {
	case engine.Method == sli.MetricsQL:
		engine.Name = "VictoriaMetrics"
	case application != "":
		engine.Name, engine.Version = application, version
	case strings.HasPrefix(version, "0."):
		engine.Name, engine.Version = "Thanos", version
	default:
		engine.Name, engine.Version = "Prometheus", version
	}
}
