#include "daemon/rpc/server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <optional>
#include <utility>

#include "daemon/rpc/server_socket.h"

namespace nopo {
namespace {

// A caller's environment travels in each request; far above what any shell can export.
constexpr int kMaxRequestBytes = 16 << 20;
// The reflection and health services poll a queue; without this they would wake every 10 s.
constexpr int kIdlePollMs = 24 * 3600 * 1000;

}  // namespace

struct RpcServer::Parts {
  explicit Parts(const HandlerContext& context)
      : lifecycle(context),
        build(context),
        commands(context),
        project(context),
        environment(context),
        daemon(context) {}

  LifecycleHandler lifecycle;
  BuildHandler build;
  CommandsHandler commands;
  ProjectHandler project;
  EnvironmentHandler environment;
  DaemonHandler daemon;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
  std::unique_ptr<grpc::Server> server;
  std::optional<ConnectionAcceptor> connections;
};

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(UniqueFd listener,
                                                            const HandlerContext& context) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  auto parts = std::make_unique<Parts>(context);
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::CQ_TIMEOUT_MSEC, kIdlePollMs);
  builder.RegisterService(&parts->lifecycle);
  builder.RegisterService(&parts->build);
  builder.RegisterService(&parts->commands);
  builder.RegisterService(&parts->project);
  builder.RegisterService(&parts->environment);
  builder.RegisterService(&parts->daemon);
  parts->acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      grpc::InsecureServerCredentials());
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr) return absl::InternalError("gRPC could not start its server");
  parts->connections.emplace(std::move(listener), [acceptor = parts->acceptor.get()](UniqueFd fd) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.listener_fd = -1;
    connection.fd = fd.Release();
    acceptor->HandleNewConnection(&connection);
  });
  return std::unique_ptr<RpcServer>(new RpcServer(std::move(parts)));
}

RpcServer::RpcServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

void RpcServer::Stop(absl::Duration grace) {
  parts_->connections.reset();
  parts_->server->Shutdown(absl::ToChronoTime(absl::Now() + grace));
}

RpcServer::~RpcServer() { Stop(absl::ZeroDuration()); }

}  // namespace nopo
