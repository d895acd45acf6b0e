package prometheus

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
)

// LabelNames returns the label names of the selector's series in about the time range: servers round it to
// their blocks.
func (c *Client) LabelNames(ctx context.Context, selector string, from, to time.Time) (names []string, err error) {
	return names, c.lookUp(ctx, "labels", url.Values{"match[]": {selector}, "start": {seconds(from.UnixMilli())}, "end": {seconds(to.UnixMilli())}}, &names)
}

// LabelValues returns the values of the label among the selector's series in about the time range; at most
// about limit values, where the server supports that. 0 means no limit, an empty selector all series.
func (c *Client) LabelValues(ctx context.Context, label, selector string, from, to time.Time, limit int) (values []string, err error) {
	if !model.LegacyValidation.IsValidLabelName(label) {
		return nil, fmt.Errorf("label %q: has other characters than letters, digits and _, and its values are not listed", label)
	}
	form := url.Values{"start": {seconds(from.UnixMilli())}, "end": {seconds(to.UnixMilli())}}
	if selector != "" {
		form.Set("match[]", selector)
	}
	if limit > 0 {
		form.Set("limit", strconv.Itoa(limit))
	}
	return values, c.lookUp(ctx, "label/"+label+"/values", form, &values)
}

// MetricType returns the type of the metric by its metadata, such as counter or gauge; empty where they have
// none or differ.
func (c *Client) MetricType(ctx context.Context, metric string) (string, error) {
	type metadata struct {
		Type string `json:"type"`
	}
	var known map[string][]metadata
	err := c.lookUp(ctx, "metadata", url.Values{"metric": {metric}}, &known)
	if types := slices.Compact(known[metric]); err == nil && len(types) == 1 {
		return types[0].Type, nil
	}
	return "", err
}

// lookUp reads the data of an answer that has no samples, once the server's capabilities are known.
func (c *Client) lookUp(ctx context.Context, path string, form url.Values, data any) error {
	if _, err := c.Capabilities(ctx); err != nil {
		return err
	}
	return c.data(ctx, path, form, data)
}

// data reads the data of an answer, whatever the server's capabilities.
func (c *Client) data(ctx context.Context, path string, form url.Values, data any) error {
	_, err := c.ask(WithoutRetry(ctx), request{path: path, name: path, form: form, get: true, read: func(in *input) (Answer, error) {
		in.anything()
		answer := struct {
			Status string `json:"status"`
			Data   any    `json:"data"`
		}{Data: data}
		err := json.NewDecoder(in).Decode(&answer)
		if err == nil && answer.Status != "success" {
			err = fmt.Errorf("its status is %q, not success", shorten(answer.Status, 40))
		}
		return Answer{}, err
	}})
	return err
}
