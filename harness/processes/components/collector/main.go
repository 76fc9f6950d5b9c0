// Command collector runs two controllers of Kubernetes against one API server: the garbage collector, which deletes what lost its
// owner, and the namespace controller, which empties a namespace that is deleted. A pivot needs no other of kube-controller-manager.
package main

import (
	"context"
	"flag"
	"os/signal"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/namespace"
)

const (
	// workers and syncPeriod are kube-controller-manager's own; discovery is asked more often, because a lab is young.
	workers      = 20
	syncPeriod   = 30 * time.Second
	lookPeriod   = 2 * time.Second
	resyncPeriod = 10 * time.Minute
	callsASecond = 200
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "the cluster to work in")
	klog.InitFlags(nil)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, *kubeconfig); err != nil {
		klog.Fatal(err)
	}
}

func run(ctx context.Context, kubeconfig string) error {
	collecting, err := configOf(kubeconfig, "generic-garbage-collector")
	if err != nil {
		return err
	}
	emptying, err := configOf(kubeconfig, "namespace-controller")
	if err != nil {
		return err
	}
	shared := informers.NewSharedInformerFactory(kubernetes.NewForConfigOrDie(collecting), resyncPeriod)
	started := make(chan struct{})
	collector, err := collectorOf(ctx, collecting, shared, started)
	if err != nil {
		return err
	}
	names := namespacesOf(ctx, emptying, shared)
	shared.Start(ctx.Done())
	close(started)

	var running sync.WaitGroup
	running.Go(func() { collector.Run(ctx, workers, syncPeriod) })
	running.Go(func() { collector.Sync(ctx, kubernetes.NewForConfigOrDie(collecting).Discovery(), lookPeriod) })
	running.Go(func() { names.Run(ctx, workers) })
	running.Wait()
	return nil
}

// configOf reads the kubeconfig; agent becomes the field manager and the user agent, as the real manager's are.
func configOf(kubeconfig, agent string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = callsASecond, 2*callsASecond
	return rest.AddUserAgent(config, agent), nil
}

func collectorOf(
	ctx context.Context, config *rest.Config, shared informers.SharedInformerFactory, started <-chan struct{},
) (*garbagecollector.GarbageCollector, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	objects, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	metadatas := metadatainformer.NewSharedInformerFactory(objects, resyncPeriod)
	both := informerfactory.NewInformerFactory(shared, metadatas)
	return garbagecollector.NewGarbageCollector(ctx, client, objects, mapper, garbagecollector.DefaultIgnoredResources(), both, started)
}

func namespacesOf(
	ctx context.Context, config *rest.Config, shared informers.SharedInformerFactory,
) *namespace.NamespaceController {
	client := kubernetes.NewForConfigOrDie(config)
	discover := client.Discovery().ServerPreferredNamespacedResources
	return namespace.NewNamespaceController(
		ctx, client, metadata.NewForConfigOrDie(config), discover, shared.Core().V1().Namespaces(), resyncPeriod, corev1.FinalizerKubernetes,
	)
}
