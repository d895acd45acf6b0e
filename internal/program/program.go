// Package program builds the data source's executable and starts it as Grafana
// does, for tests.
package program

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/stretchr/testify/require"
)

// Build is the path of the executable, built as it is shipped.
func Build(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gpx_accord")
	build := exec.Command("go", "build", "-trimpath", "-tags=arrow_json_stdlib", "-ldflags", "-s -w", "-o", path,
		"github.com/accord-sla/accord/pkg/cmd/datasource")
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))
	return path
}

// Started is a running executable, and the services that Grafana calls.
type Started struct {
	Data        grpcplugin.DataClient
	Diagnostics grpcplugin.DiagnosticsClient
	Resource    grpcplugin.ResourceClient
}

// Start runs the executable until the test ends, see [Run].
func Start(t testing.TB, path, definitionsRoot string) Started {
	t.Helper()
	started, stop, err := Run(path, definitionsRoot)
	require.NoError(t, err)
	t.Cleanup(stop)
	return started
}

// Run runs the executable over go-plugin until it is stopped, with the
// environment that Grafana makes of definitions_root in its configuration.
func Run(path, definitionsRoot string) (started Started, stop func(), err error) {
	command := exec.Command(path)
	command.Env = []string{"GF_PLUGIN_DEFINITIONS_ROOT=" + definitionsRoot}
	client := plugin.NewClient(&plugin.ClientConfig{
		Cmd: command, AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, Logger: hclog.NewNullLogger(), SkipHostEnv: true,
		HandshakeConfig: plugin.HandshakeConfig{ProtocolVersion: grpcplugin.ProtocolVersion,
			MagicCookieKey: grpcplugin.MagicCookieKey, MagicCookieValue: grpcplugin.MagicCookieValue},
		VersionedPlugins: map[int]plugin.PluginSet{grpcplugin.ProtocolVersion: {
			"data": &grpcplugin.DataGRPCPlugin{}, "diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{}, "resource": &grpcplugin.ResourceGRPCPlugin{},
		}},
	})
	connection, err := client.Client()
	if err == nil {
		started, err = services(connection)
	}
	if err != nil {
		client.Kill()
		return Started{}, nil, err
	}
	return started, client.Kill, nil
}

func services(connection plugin.ClientProtocol) (Started, error) {
	data, errData := dispensed[grpcplugin.DataClient](connection, "data")
	diagnostics, errDiagnostics := dispensed[grpcplugin.DiagnosticsClient](connection, "diagnostics")
	resource, errResource := dispensed[grpcplugin.ResourceClient](connection, "resource")
	return Started{Data: data, Diagnostics: diagnostics, Resource: resource}, errors.Join(errData, errDiagnostics, errResource)
}

func dispensed[C any](connection plugin.ClientProtocol, name string) (C, error) {
	found, err := connection.Dispense(name)
	client, ok := found.(C)
	if err == nil && !ok {
		err = fmt.Errorf("%s is %T", name, found)
	}
	return client, err
}
