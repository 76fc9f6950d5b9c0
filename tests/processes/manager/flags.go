package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/component-base/logs"
	logsv1 "k8s.io/component-base/logs/api/v1"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util/flags"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

var (
	webhookPort int
	webhookDir  string
	health      string
	namespace   string
	elect       bool
)

// As the operator has them: by the standard library, which exits with an error at any other. It is told no certificate directory, so
// it looks below the temporary one; its metrics are by TLS, and for whoever the API server knows.
func operatorOptions() ctrl.Options {
	metricsAddress, newest, oldest := "", "", ""
	flag.StringVar(&namespace, "namespace", os.Getenv("WATCH_NAMESPACE"), "Namespace to watch.")
	flag.StringVar(&metricsAddress, "metrics-addr", ":8443", "The address the metric endpoint binds to.")
	flag.BoolVar(&elect, "enable-leader-election", false, "Enable leader election.\n--no-such-flag is not one.")
	flag.Bool("build-preprov-image", false, "Enable integration with the PreprovisioningImage API.")
	flag.Bool("dev", false, "Enable developer logging.")
	flag.Bool("hostclaims", false, "Enable the HostClaim controller.")
	flag.StringVar(&health, "health-addr", ":9440", "The address the health endpoint binds to.")
	flag.IntVar(&webhookPort, "webhook-port", 9443, "Webhook Server port (set to 0 to disable)")
	flag.Float64("kube-api-qps", 20, "Queries per second.")
	flag.Int("kube-api-burst", 30, "Queries in one burst.")
	flag.StringVar(&oldest, "tls-min-version", "TLS12", "The minimum TLS version.\nPossible values are TLS12, TLS13.")
	flag.StringVar(&newest, "tls-max-version", "TLS13", "The maximum TLS version.\nPossible values are TLS12, TLS13.")
	flag.Int("controller-concurrency", 0, "Number of objects of each kind to process simultaneously.")
	flag.String("provisioner", "ironic", "Name of the provisioner plugin to load.")
	flag.Parse()
	versions := map[string]uint16{"TLS12": tls.VersionTLS12, "TLS13": tls.VersionTLS13}
	if versions[oldest] == 0 || versions[newest] < versions[oldest] {
		require(fmt.Errorf("unexpected TLS versions %q to %q", oldest, newest))
	}
	secured := []func(*tls.Config){func(config *tls.Config) {
		config.MinVersion, config.MaxVersion = versions[oldest], versions[newest]
	}}
	electing := os.Getenv("POD_NAMESPACE")
	if electing == "" {
		electing = namespace
	}
	return ctrl.Options{
		Metrics: metrics.Options{
			BindAddress: metricsAddress, SecureServing: true, FilterProvider: filters.WithAuthenticationAndAuthorization, TLSOpts: secured,
		},
		WebhookServer:                 webhook.NewServer(webhook.Options{Port: webhookPort, TLSOpts: secured}),
		LeaderElection:                elect,
		LeaderElectionID:              "baremetal-operator",
		LeaderElectionNamespace:       electing,
		LeaderElectionReleaseOnCancel: true,
		HealthProbeBindAddress:        health,
		// It sees no other secrets.
		Cache: watching(only(&corev1.Secret{}, cache.ByObject{Label: labels.SelectorFromSet(labels.Set{"environment.metal3.io": "baremetal"})})),
	}
}

// As the two providers have them: by pflag, with what Cluster API and the logs of Kubernetes add; no namespace to elect a leader in.
func providerOptions(id string) ctrl.Options {
	set, managing, logging, period := pflag.CommandLine, flags.ManagerOptions{}, logs.NewOptions(), 10*time.Minute
	logs.AddFlags(set, logs.SkipLoggingConfigurationFlags())
	logsv1.AddFlags(logging, set)
	set.BoolVar(&elect, "leader-elect", false, "Enable leader election for controller manager.")
	set.StringVar(&namespace, "namespace", "", "Namespace to watch.")
	set.String("watch-filter", "", "Label value to watch.")
	set.DurationVar(&period, "sync-period", period, "The minimum interval at which watched resources are reconciled (e.g. 15m)")
	set.IntVar(&webhookPort, "webhook-port", 9443, "Webhook Server port")
	set.StringVar(&webhookDir, "webhook-cert-dir", "/tmp/k8s-webhook-server/serving-certs/", "Webhook cert dir.")
	set.StringVar(&health, "health-addr", ":9440", "The address the health endpoint binds to.")
	set.Bool("enableBMHNameBasedPreallocation", false, "Enable PreAllocation by names.")
	flags.AddManagerOptions(set, &managing)
	set.AddGoFlagSet(flag.CommandLine)
	pflag.Parse()
	require(logsv1.ValidateAndApply(logging, nil))
	secured, measured, err := flags.GetManagerOptions(managing)
	require(err)
	return ctrl.Options{
		Metrics:                    *measured,
		WebhookServer:              webhook.NewServer(webhook.Options{Port: webhookPort, CertDir: webhookDir, TLSOpts: secured}),
		LeaderElection:             elect,
		LeaderElectionID:           id,
		LeaderElectionResourceLock: resourcelock.LeasesResourceLock,
		HealthProbeBindAddress:     health,
		Cache:                      watching(cache.Options{SyncPeriod: &period}),
	}
}

func machineOptions() ctrl.Options {
	options := providerOptions("controller-leader-election-capm3")
	named, err := labels.NewRequirement(clusterv1.ClusterNameLabel, selection.Exists, nil)
	require(err)
	options.Cache.ByObject = only(&corev1.Secret{}, cache.ByObject{Label: labels.NewSelector().Add(*named)}).ByObject
	options.Client = disableFor(&corev1.ConfigMap{}, &corev1.Secret{})
	return options
}

func addressOptions() ctrl.Options {
	options := providerOptions("controller-leader-election-ipam-capm3")
	options.Client = disableFor(&corev1.ConfigMap{})
	return options
}

func watching(options cache.Options) cache.Options {
	if namespace != "" {
		options.DefaultNamespaces = map[string]cache.Config{namespace: {}}
	}
	return options
}
