// A stand-in for a provider's manager: the flags, environment, health and webhooks of the Baremetal Operator, or, where it is called
// capm3, of Cluster API Provider Metal3, by the same library. It reconciles nothing.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

type options struct {
	metrics, health, certificates string
	port                          int
	elect                         bool
}

func main() {
	given, provider := options{}, strings.HasPrefix(filepath.Base(os.Args[0]), "capm3")
	if provider {
		providerFlags(&given)
	} else {
		operatorFlags(&given)
	}
	ctrl.SetLogger(zap.New())
	if !provider {
		require(operatorSettings())
	}
	manager, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{
		Scheme:                 runtime.NewScheme(),
		Metrics:                metrics.Options{BindAddress: given.metrics},
		WebhookServer:          webhook.NewServer(webhook.Options{Port: given.port, CertDir: given.certificates}),
		HealthProbeBindAddress: given.health,
		LeaderElection:         given.elect,
		LeaderElectionID:       "stand-in",
	})
	require(err)
	server := manager.GetWebhookServer()
	if provider {
		server.Register("/validate-infrastructure-cluster-x-k8s-io-v1beta2-metal3machine", refusing(wrongMachine))
		server.Register("/convert", http.HandlerFunc(convert))
	} else {
		server.Register("/validate-metal3-io-v1alpha1-baremetalhost", refusing(wrongHost))
	}
	require(manager.AddReadyzCheck("webhook", server.StartedChecker()))
	require(manager.Start(ctrl.SetupSignalHandler()))
}

// As the operator has them: by the standard library, which exits with an error at any other.
func operatorFlags(given *options) {
	flag.StringVar(&given.metrics, "metrics-addr", ":8443", "The address the metric endpoint binds to.")
	flag.BoolVar(&given.elect, "enable-leader-election", true, "Enable leader election.\n--no-such-flag is not one.")
	flag.StringVar(&given.health, "health-addr", ":9440", "The address the health endpoint binds to.")
	flag.IntVar(&given.port, "webhook-port", 9443, "Webhook Server port (set to 0 to disable)")
	flag.String("namespace", os.Getenv("WATCH_NAMESPACE"), "Namespace to watch.")
	flag.String("provisioner", "ironic", "Name of the provisioner plugin to load.")
	flag.Parse()
}

// As the provider has them: by pflag.
func providerFlags(given *options) {
	pflag.StringVar(&given.metrics, "diagnostics-address", ":8443", "The address the diagnostics endpoint binds to.")
	pflag.Bool("insecure-diagnostics", false, "Enable insecure diagnostics serving.")
	pflag.BoolVar(&given.elect, "leader-elect", true, "Enable leader election.")
	pflag.StringVar(&given.health, "health-addr", ":9440", "The address the health endpoint binds to.")
	pflag.IntVar(&given.port, "webhook-port", 9443, "Webhook Server port")
	pflag.StringVar(&given.certificates, "webhook-cert-dir", "/tmp/k8s-webhook-server/serving-certs/", "Webhook cert dir.")
	pflag.CommandLine.AddGoFlagSet(flag.CommandLine)
	pflag.Parse()
}

// What the operator does not start without.
func operatorSettings() error {
	for _, name := range []string{"IRONIC_ENDPOINT", "DEPLOY_KERNEL_URL", "DEPLOY_RAMDISK_URL"} {
		if os.Getenv(name) == "" {
			return fmt.Errorf("no %s variable set", name)
		}
	}
	for _, name := range []string{"username", "password"} {
		if _, err := os.ReadFile(filepath.Join(os.Getenv("METAL3_AUTH_ROOT_DIR"), "ironic", name)); err != nil {
			return err
		}
	}
	return nil
}

func refusing(wrong func(*unstructured.Unstructured) string) *admission.Webhook {
	return &admission.Webhook{Handler: admission.HandlerFunc(func(_ context.Context, request admission.Request) admission.Response {
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(request.Object.Raw); err != nil {
			return admission.Errored(http.StatusBadRequest, err)
		}
		if cause := wrong(object); cause != "" {
			return admission.Denied(cause)
		}
		return admission.Allowed("")
	})}
}

func wrongHost(object *unstructured.Unstructured) string {
	address, _, _ := unstructured.NestedString(object.Object, "spec", "bmc", "address")
	if address != "" && !strings.Contains(address, "://") {
		return "BMC address " + address + " has no scheme"
	}
	return ""
}

func wrongMachine(object *unstructured.Unstructured) string {
	if url, _, _ := unstructured.NestedString(object.Object, "spec", "image", "url"); url == "" {
		return "an image without a url"
	}
	return ""
}

// The version is changed, and an annotation tells who did it.
func convert(answer http.ResponseWriter, request *http.Request) {
	review := apiextensions.ConversionReview{}
	if err := json.NewDecoder(request.Body).Decode(&review); err != nil || review.Request == nil {
		http.Error(answer, "no conversion review", http.StatusBadRequest)
		return
	}
	response := &apiextensions.ConversionResponse{UID: review.Request.UID, Result: meta.Status{Status: meta.StatusSuccess}}
	for _, each := range review.Request.Objects {
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(each.Raw); err != nil {
			response.Result = meta.Status{Status: meta.StatusFailure, Message: err.Error()}
			break
		}
		object.SetAPIVersion(review.Request.DesiredAPIVersion)
		annotations := object.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations["converted-by"] = "stand-in"
		object.SetAnnotations(annotations)
		response.ConvertedObjects = append(response.ConvertedObjects, runtime.RawExtension{Object: object})
	}
	review.Request, review.Response = nil, response
	answer.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(answer).Encode(review)
}

func require(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "unable to start manager:", err)
		os.Exit(1)
	}
}
