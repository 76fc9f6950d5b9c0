package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

const (
	pausedKey  = "baremetalhost.metal3.io/paused"
	statusKey  = "baremetalhost.metal3.io/status"
	oldestMade = 89
)

var operator = role{
	options: operatorOptions,
	prepare: func(ctrl.Manager) error { return operatorSettings() },
	kinds: join(
		[]kind{{metal3, "BareMetalHost", wantsOfHost}},
		kinds(metal3, "HardwareData", "HostFirmwareSettings", "HostFirmwareComponents", "FirmwareSchema", "HostUpdatePolicy",
			"PreprovisioningImage", "BMCEventSubscription", "DataImage", "HostClaim", "HostDeployPolicy", "BareMetalSwitch", "HostNetworkAttachment"),
		kinds("v1", "Secret"),
	),
	webhooks: func(server webhook.Server) {
		judge(server, metal3, "BareMetalHost", wrongHost)
		judge(server, metal3, "BMCEventSubscription", nothing)
		judge(server, metal3, "DataImage", nothing)
	},
	// It says so before it serves a webhook.
	ready: func(manager ctrl.Manager) error {
		return joined(manager.AddReadyzCheck("ping", healthz.Ping), manager.AddHealthzCheck("ping", healthz.Ping))
	},
}

func joined(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// What it does not start without.
func operatorSettings() error {
	for _, name := range []string{"IRONIC_ENDPOINT", "DEPLOY_KERNEL_URL", "DEPLOY_RAMDISK_URL"} {
		if os.Getenv(name) == "" {
			return fmt.Errorf("no %s variable set", name)
		}
	}
	if user, password := credential("username"), credential("password"); user == "" || password == "" {
		return fmt.Errorf("empty HTTP Basic Auth user or password")
	}
	return nil
}

func credential(name string) string {
	content, err := os.ReadFile(filepath.Join(os.Getenv("METAL3_AUTH_ROOT_DIR"), "ironic", name))
	require(err)
	return strings.TrimSpace(string(content))
}

// Every field of a status, as the webhook takes it back.
var ofStatus = []string{
	"operationalStatus", "errorType", "lastUpdated", "hardwareProfile", "hardware", "provisioning", "goodCredentials", "triedCredentials",
	"errorMessage", "poweredOn", "operationHistory", "errorCount", "conditions", "lastAttemptedImage", "provisioningFailCount",
}

// A host that nobody has paused is registered: by the secret that there is, as a node of the Ironic that it is told of.
func wantsOfHost(ctx context.Context, reader client.Reader, host *unstructured.Unstructured) string {
	if _, paused := host.GetAnnotations()[pausedKey]; paused {
		return ""
	}
	secret := &corev1.Secret{}
	called := text(host, "spec", "bmc", "credentialsName")
	if err := reader.Get(ctx, types.NamespacedName{Namespace: host.GetNamespace(), Name: called}, secret); err != nil {
		return "the secret " + called + " among those with its label: " + err.Error()
	}
	if good := text(host, "status", "goodCredentials", "credentialsVersion"); good != secret.ResourceVersion {
		return "credentials of version " + secret.ResourceVersion + ", not " + good
	}
	state := text(host, "status", "provisioning", "state")
	if state != "provisioned" && state != "available" {
		return "a state that lasts, not " + strconv.Quote(state)
	}
	if find(ctx, reader, metal3, "HardwareData", host, host.GetName()) == nil {
		return "its HardwareData"
	}
	return wantsOfIronic(ctx, host, state == "provisioned")
}

func wantsOfIronic(ctx context.Context, host *unstructured.Unstructured, claimed bool) string {
	if newest := asked(ctx, "", false); !speaks(newest) {
		return fmt.Sprintf("an Ironic that speaks 1.%d, not %v", oldestMade, newest)
	}
	if drivers, _ := asked(ctx, "drivers", true)["drivers"].([]any); len(drivers) == 0 {
		return "drivers of Ironic"
	}
	node := asked(ctx, "nodes/"+text(host, "status", "provisioning", "ID"), true)
	if node["name"] != host.GetNamespace()+"~"+host.GetName() {
		return fmt.Sprintf("its node in Ironic; there is %v", node)
	}
	if claimed && node["provision_state"] != "active" {
		return fmt.Sprintf("an active node, not one that is %v", node["provision_state"])
	}
	return ""
}

func speaks(about map[string]any) bool {
	version, _ := about["version"].(map[string]any)
	newest, _ := version["version"].(string)
	_, minor, _ := strings.Cut(newest, ".")
	number, err := strconv.Atoi(minor)
	return err == nil && number >= oldestMade
}

// asked is Ironic's answer; nil where it gives none.
func asked(ctx context.Context, path string, authorized bool) map[string]any {
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, http.MethodGet, os.Getenv("IRONIC_ENDPOINT")+path, nil)
	if err != nil {
		return nil
	}
	if authorized {
		request.SetBasicAuth(credential("username"), credential("password"))
		request.Header.Set("X-OpenStack-Ironic-API-Version", "1."+strconv.Itoa(oldestMade))
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	found := map[string]any{}
	if answer.StatusCode != http.StatusOK || json.Unmarshal(body, &found) != nil {
		return nil
	}
	return found
}

func wrongHost(old, host *unstructured.Unstructured) string {
	address := text(host, "spec", "bmc", "address")
	if parsed, err := url.Parse(address); address != "" && (err != nil || parsed.Scheme == "" || parsed.Host == "") {
		return "BMC address " + address + " has no scheme"
	}
	if mac := text(host, "spec", "bootMACAddress"); mac != "" {
		if _, err := net.ParseMAC(mac); err != nil {
			return err.Error()
		}
	}
	for _, field := range []string{"userData", "metaData", "networkData"} {
		if there := text(host, "spec", field, "namespace"); there != "" && there != host.GetNamespace() {
			return field + ": cross-namespace Secret references are not allowed"
		}
	}
	if image := text(host, "spec", "image", "url"); image != "" && text(host, "spec", "image", "checksum") == "" {
		return "an image without a checksum"
	}
	if old != nil && text(old, "spec", "bmc", "address") != address && text(host, "status", "provisioning", "state") != "registering" {
		return "BMC address can not be changed"
	}
	if old != nil && !strings.EqualFold(text(old, "spec", "bootMACAddress"), text(host, "spec", "bootMACAddress")) {
		return "bootMACAddress can not be changed once it is set"
	}
	return wrongStatus(host.GetAnnotations()[statusKey])
}

// wrongStatus takes no field that it does not know.
func wrongStatus(told string) string {
	if told == "" {
		return ""
	}
	status := map[string]json.RawMessage{}
	if err := json.NewDecoder(bytes.NewBufferString(told)).Decode(&status); err != nil {
		return "error decoding status annotation: " + err.Error()
	}
	for field := range status {
		if !slices.Contains(ofStatus, field) {
			return fmt.Sprintf("error decoding status annotation: json: unknown field %q", field)
		}
	}
	word := strings.Trim(string(status["operationalStatus"]), `"`)
	if !slices.Contains([]string{"", "OK", "discovered", "error", "delayed", "detached"}, word) {
		return "invalid operationalStatus '" + word + "' in the " + statusKey + " annotation"
	}
	return ""
}
