package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// HealthPath is where a POP is asked which POPs are up (GET), as it sends visitors to them now.
const HealthPath = "/.well-known/tinycdn/pops"

// MetricsPath is where a POP tells what it has counted (GET), as Prometheus reads it.
const MetricsPath = "/.well-known/tinycdn/metrics"

// mostHealth is how much a POP may tell: 255 POPs, with who saw what.
const mostHealth = 1 << 20

// Health reads into what it points to how the POPs are.
func (c *Client) Health(ctx context.Context, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+HealthPath, nil)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("the POP does not answer: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the POP answers %s", response.Status)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, mostHealth)).Decode(into); err != nil {
		return errors.New("the POP's answer makes no sense: is it another program's socket?")
	}
	return nil
}
