// The gRPC services of proto/nopo/v1. What serves a call translates and stops: request to options,
// status to status, events to stream.
#pragma once

#include <grpcpp/grpcpp.h>

#include "daemon/rpc/call_queue.h"
#include "daemon/rpc/handler_context.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "nopo/v1/build.grpc.pb.h"
#include "nopo/v1/commands.grpc.pb.h"
#include "nopo/v1/daemon.grpc.pb.h"
#include "nopo/v1/environment.grpc.pb.h"
#include "nopo/v1/lifecycle.grpc.pb.h"
#include "nopo/v1/project.grpc.pb.h"

namespace nopo {

// Ours and not gRPC's own, which would bring in the callback API (see call_queue.h).
using HealthService = grpc::health::v1::Health;

struct Services {
  v1::LifecycleService::AsyncService lifecycle;
  v1::BuildService::AsyncService build;
  v1::CommandsService::AsyncService commands;
  v1::ProjectService::AsyncService project;
  v1::EnvironmentService::AsyncService environment;
  v1::DaemonService::AsyncService daemon;
  HealthService::AsyncService health;
};

void Register(Services& services, grpc::ServerBuilder& builder);

// Serves all their calls, once the server was started and until it is shut down. All arguments must
// live as long.
void Serve(Services& services, CallQueue& queue, const HandlerContext& context);

}  // namespace nopo
