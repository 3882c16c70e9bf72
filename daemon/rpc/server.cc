#include "daemon/rpc/server.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>

#include <optional>
#include <utility>

#include "common/logging.h"
#include "daemon/rpc/handlers.h"

namespace nopo {
namespace {

// A caller's environment travels in each request; far above what any shell can export.
constexpr int kMaxRequestBytes = 16 << 20;
// The reflection service polls a queue; without this they would wake every 10 s.
constexpr int kIdlePollMs = 24 * 3600 * 1000;

}  // namespace

struct RpcServer::Parts {
  Services services;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<CallQueue> queue;  // Must be empty before the server goes.
  std::optional<ConnectionAcceptor> connections;
};

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(const ServerSocket& socket,
                                                            const HandlerContext& context) {
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  auto parts = std::make_unique<Parts>();
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  // It measures the bandwidth with pings, which wake both sides, to size windows for far hosts.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::CQ_TIMEOUT_MSEC, kIdlePollMs);
  Register(parts->services, builder);
  parts->queue = std::make_unique<CallQueue>(builder);
  parts->acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      grpc::InsecureServerCredentials());
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr) return absl::InternalError("gRPC could not start its server");
  Serve(parts->services, *parts->queue, context);
  parts->queue->Start();
  parts->connections.emplace(
      socket,
      [acceptor = parts->acceptor.get()](UniqueFd fd) {
        grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
        connection.listener_fd = -1;
        connection.fd = fd.Release();
        acceptor->HandleNewConnection(&connection);
      },
      [&context] {
        LogWarning("the socket's file was taken away: ending");
        context.retire();
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
