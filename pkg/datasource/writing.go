package datasource

import (
	"context"
	"net/url"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"

	"github.com/accord-sla/accord/pkg/httpapi"
)

// userOf is who Grafana says asks. Alerting and other work of Grafana itself
// comes without a user.
func userOf(ctx context.Context) httpapi.User {
	user := backend.UserFromContext(ctx)
	if user == nil {
		return httpapi.User{}
	}
	return httpapi.User{Login: user.Login, Email: user.Email, Role: user.Role}
}

// resources serves the handler to Grafana. Grafana tells the path decoded and
// the URL not; the SDK takes the path for encoded, so that a name with ? or %
// would be cut or refused.
func resources(api httpapi.Options) backend.CallResourceHandler {
	handler := httpadapter.New(httpapi.New(api))
	return backend.CallResourceHandlerFunc(func(ctx context.Context, req *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
		if parsed, err := url.Parse(req.URL); err == nil && parsed.Path != "" {
			encoded := *req
			encoded.Path = parsed.EscapedPath()
			req = &encoded
		}
		return handler.CallResource(ctx, req, sender)
	})
}
