// The gRPC services of proto/nopo/v1. A handler translates and stops: request to options, status to
// status, events to stream.
#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "daemon/operations/operation_pool.h"
#include "daemon/operations/workspace.h"
#include "daemon/rpc/operation_index.h"
#include "nopo/v1/build.grpc.pb.h"
#include "nopo/v1/commands.grpc.pb.h"
#include "nopo/v1/daemon.grpc.pb.h"
#include "nopo/v1/environment.grpc.pb.h"
#include "nopo/v1/lifecycle.grpc.pb.h"
#include "nopo/v1/project.grpc.pb.h"

namespace nopo {

// What all handlers share; outlives the server.
struct HandlerContext {
  const Workspace& workspace;
  OperationPool& pool;
  OperationIndex& operations;
  absl::Time started_at;
  std::string log_file;
  // Begins the daemon's end; returns at once. Running operations are cancelled.
  std::function<void()> stop;
  // The same, but running operations may end by themselves first.
  std::function<void()> retire;
};

class LifecycleHandler final : public v1::LifecycleService::CallbackService {
 public:
  explicit LifecycleHandler(const HandlerContext& context) : context_(context) {}

  grpc::ServerWriteReactor<v1::UpResponse>* Up(grpc::CallbackServerContext* call,
                                               const v1::UpRequest* request) override;
  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(grpc::CallbackServerContext* call,
                                                     const v1::WatchRequest* request) override;
  grpc::ServerWriteReactor<v1::DownResponse>* Down(grpc::CallbackServerContext* call,
                                                   const v1::DownRequest* request) override;
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* call,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override;
  grpc::ServerWriteReactor<v1::StreamLogsResponse>* StreamLogs(
      grpc::CallbackServerContext* call, const v1::StreamLogsRequest* request) override;

 private:
  const HandlerContext& context_;
};

class BuildHandler final : public v1::BuildService::CallbackService {
 public:
  explicit BuildHandler(const HandlerContext& context) : context_(context) {}

  grpc::ServerWriteReactor<v1::BuildResponse>* Build(grpc::CallbackServerContext* call,
                                                     const v1::BuildRequest* request) override;
  grpc::ServerUnaryReactor* ExplainBuilds(grpc::CallbackServerContext* call,
                                          const v1::ExplainBuildsRequest* request,
                                          v1::ExplainBuildsResponse* response) override;
  grpc::ServerUnaryReactor* ListBuilds(grpc::CallbackServerContext* call,
                                       const v1::ListBuildsRequest* request,
                                       v1::ListBuildsResponse* response) override;
  grpc::ServerWriteReactor<v1::PullResponse>* Pull(grpc::CallbackServerContext* call,
                                                   const v1::PullRequest* request) override;

 private:
  const HandlerContext& context_;
};

class CommandsHandler final : public v1::CommandsService::CallbackService {
 public:
  explicit CommandsHandler(const HandlerContext& context) : context_(context) {}

  grpc::ServerWriteReactor<v1::RunResponse>* Run(grpc::CallbackServerContext* call,
                                                 const v1::RunRequest* request) override;
  grpc::ServerBidiReactor<v1::RunOnTerminalRequest, v1::RunOnTerminalResponse>* RunOnTerminal(
      grpc::CallbackServerContext* call) override;
  grpc::ServerBidiReactor<v1::ExecRequest, v1::ExecResponse>* Exec(
      grpc::CallbackServerContext* call) override;

 private:
  const HandlerContext& context_;
};

class ProjectHandler final : public v1::ProjectService::CallbackService {
 public:
  explicit ProjectHandler(const HandlerContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* ListTargets(grpc::CallbackServerContext* call,
                                        const v1::ListTargetsRequest* request,
                                        v1::ListTargetsResponse* response) override;
  grpc::ServerUnaryReactor* DescribeProject(grpc::CallbackServerContext* call,
                                            const v1::DescribeProjectRequest* request,
                                            v1::DescribeProjectResponse* response) override;
  grpc::ServerUnaryReactor* GetGraph(grpc::CallbackServerContext* call,
                                     const v1::GetGraphRequest* request,
                                     v1::GetGraphResponse* response) override;

 private:
  const HandlerContext& context_;
};

class EnvironmentHandler final : public v1::EnvironmentService::CallbackService {
 public:
  explicit EnvironmentHandler(const HandlerContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* RefreshEnvironment(grpc::CallbackServerContext* call,
                                               const v1::RefreshEnvironmentRequest* request,
                                               v1::RefreshEnvironmentResponse* response) override;
  grpc::ServerUnaryReactor* ExplainVariable(grpc::CallbackServerContext* call,
                                            const v1::ExplainVariableRequest* request,
                                            v1::ExplainVariableResponse* response) override;

 private:
  const HandlerContext& context_;
};

class DaemonHandler final : public v1::DaemonService::CallbackService {
 public:
  explicit DaemonHandler(const HandlerContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* GetDaemon(grpc::CallbackServerContext* call,
                                      const v1::GetDaemonRequest* request,
                                      v1::GetDaemonResponse* response) override;
  grpc::ServerUnaryReactor* Diagnose(grpc::CallbackServerContext* call,
                                     const v1::DiagnoseRequest* request,
                                     v1::DiagnoseResponse* response) override;
  grpc::ServerUnaryReactor* CancelOperation(grpc::CallbackServerContext* call,
                                            const v1::CancelOperationRequest* request,
                                            v1::CancelOperationResponse* response) override;
  grpc::ServerUnaryReactor* Stop(grpc::CallbackServerContext* call, const v1::StopRequest* request,
                                 v1::StopResponse* response) override;

 private:
  const HandlerContext& context_;
};

}  // namespace nopo
