#include "daemon/rpc/handlers.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/logging.h"
#include "common/status_macros.h"
#include "common/utf8.h"
#include "daemon/rpc/daemon_facts.h"
#include "daemon/rpc/event_stream.h"
#include "daemon/rpc/request_translation.h"
#include "daemon/rpc/response_translation.h"
#include "daemon/rpc/terminal_stream.h"
#include "daemon/rpc/unary_call.h"
#include "daemon/rpc/unary_events.h"

namespace nopo {
namespace {

// The answer of a call as text, which may name files by bytes that are none.
template <typename Response>
absl::Status AnswerText(const absl::StatusOr<std::string>& text, Response& response) {
  NOPO_RETURN_IF_ERROR(text.status());
  response.set_output(ValidUtf8(*text));
  return absl::OkStatus();
}

// "" when the call has no such metadata.
std::string Metadata(const grpc::CallbackServerContext& call, const char* key) {
  const auto found = call.client_metadata().find(key);
  if (found == call.client_metadata().end()) return "";
  return std::string(found->second.data(), found->second.size());
}

// Notes the call in the log. A CLI of another version is asked to start its own daemon, and this
// one makes room for it.
absl::Status Admit(const grpc::CallbackServerContext& call, const HandlerContext& context,
                   absl::string_view method) {
  const std::string version = Metadata(call, "nopo-version");
  LogDebug(absl::StrCat("call of ", method, version.empty() ? "" : " by nopo ", version));
  if (version.empty() || version == NOPO_VERSION) return absl::OkStatus();
  context.retire();
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kVersionMismatch,
                   absl::StrCat("the daemon is version ", NOPO_VERSION, ", the client ", version));
}

// Streams what `operation` reports; `options` is the outcome of translating the request.
template <typename Response, typename Options>
grpc::ServerWriteReactor<Response>* Stream(
    const grpc::CallbackServerContext& call, const HandlerContext& context,
    absl::string_view method, absl::StatusOr<Options> options,
    absl::Status (*operation)(const Workspace&, const Options&, EventSink&, const Cancellation&)) {
  absl::Status refused = Admit(call, context, method);
  if (refused.ok()) refused = options.status();
  EventWishes wishes = refused.ok() ? options->caller.Wishes() : EventWishes();
  auto* stream =
      new EventStream<Response>(context.pool, context.operations, Metadata(call, "nopo-operation"));
  stream->Begin(std::move(wishes),
                [&workspace = context.workspace, refused, operation, options = std::move(options)](
                    EventSink& events, const Cancellation& c) {
                  if (!refused.ok()) return refused;
                  return operation(workspace, *options, events, c);
                });
  return stream;
}

// The same of a client that lends its terminal or its standard streams; `translation` reads the
// first message.
template <typename Request, typename Response, typename Options>
grpc::ServerBidiReactor<Request, Response>* StreamOnTerminal(
    const grpc::CallbackServerContext& call, const HandlerContext& context,
    absl::string_view method,
    typename TerminalStream<Request, Response, Options>::Translation translation,
    typename TerminalStream<Request, Response, Options>::Work operation) {
  return new TerminalStream<Request, Response, Options>(
      context.pool, context.operations, Metadata(call, "nopo-operation"),
      Admit(call, context, method), context.workspace, translation, operation);
}

}  // namespace

grpc::ServerWriteReactor<v1::UpResponse>* LifecycleHandler::Up(grpc::CallbackServerContext* call,
                                                               const v1::UpRequest* request) {
  return Stream<v1::UpResponse>(*call, context_, "Up", UpOptionsFromProto(*request), &nopo::Up);
}

grpc::ServerWriteReactor<v1::WatchResponse>* LifecycleHandler::Watch(
    grpc::CallbackServerContext* call, const v1::WatchRequest* request) {
  return Stream<v1::WatchResponse>(*call, context_, "Watch", UpOptionsFromProto(request->round()),
                                   &nopo::Watch);
}

grpc::ServerWriteReactor<v1::DownResponse>* LifecycleHandler::Down(
    grpc::CallbackServerContext* call, const v1::DownRequest* request) {
  return Stream<v1::DownResponse>(*call, context_, "Down", DownOptionsFromProto(*request),
                                  &nopo::Down);
}

grpc::ServerUnaryReactor* LifecycleHandler::GetStatus(grpc::CallbackServerContext* call,
                                                      const v1::GetStatusRequest* request,
                                                      v1::GetStatusResponse* response) {
  return new UnaryCall(context_.pool, [=, this](const Cancellation& c) -> absl::Status {
    NOPO_RETURN_IF_ERROR(Admit(*call, context_, "GetStatus"));
    NOPO_ASSIGN_OR_RETURN(StatusOptions options, StatusOptionsFromProto(*request));
    options.daemon = ReadDaemonFacts(context_);
    return AnswerWithEvents(options.caller.Wishes(), *response, [&](EventSink& events) {
      return AnswerText(nopo::GetStatus(context_.workspace, options, events, c), *response);
    });
  });
}

grpc::ServerWriteReactor<v1::StreamLogsResponse>* LifecycleHandler::StreamLogs(
    grpc::CallbackServerContext* call, const v1::StreamLogsRequest* request) {
  return Stream<v1::StreamLogsResponse>(*call, context_, "StreamLogs",
                                        LogsOptionsFromProto(*request), &nopo::StreamLogs);
}

grpc::ServerWriteReactor<v1::BuildResponse>* BuildHandler::Build(grpc::CallbackServerContext* call,
                                                                 const v1::BuildRequest* request) {
  return Stream<v1::BuildResponse>(*call, context_, "Build", BuildOptionsFromProto(*request),
                                   &nopo::Build);
}

grpc::ServerUnaryReactor* BuildHandler::ExplainBuilds(grpc::CallbackServerContext* call,
                                                      const v1::ExplainBuildsRequest* request,
                                                      v1::ExplainBuildsResponse* response) {
  return new UnaryCall(context_.pool, [=, this](const Cancellation& c) -> absl::Status {
    NOPO_RETURN_IF_ERROR(Admit(*call, context_, "ExplainBuilds"));
    NOPO_ASSIGN_OR_RETURN(const ExplainBuildsOptions options,
                          ExplainBuildsOptionsFromProto(*request));
    return AnswerWithEvents(options.caller.Wishes(), *response, [&](EventSink& events) {
      return AnswerText(nopo::ExplainBuilds(context_.workspace, options, events, c), *response);
    });
  });
}

grpc::ServerUnaryReactor* BuildHandler::ListBuilds(grpc::CallbackServerContext* call,
                                                   const v1::ListBuildsRequest* request,
                                                   v1::ListBuildsResponse* response) {
  return new UnaryCall(context_.pool, [=, this](const Cancellation&) -> absl::Status {
    NOPO_RETURN_IF_ERROR(Admit(*call, context_, "ListBuilds"));
    NOPO_ASSIGN_OR_RETURN(const ListBuildsOptions options, ListBuildsOptionsFromProto(*request));
    return AnswerWithEvents(options.caller.Wishes(), *response, [&](EventSink& events) {
      return AnswerText(nopo::ListBuilds(context_.workspace, options, events), *response);
    });
  });
}

grpc::ServerWriteReactor<v1::PullResponse>* BuildHandler::Pull(grpc::CallbackServerContext* call,
                                                               const v1::PullRequest* request) {
  return Stream<v1::PullResponse>(*call, context_, "Pull", PullOptionsFromProto(*request),
                                  &nopo::Pull);
}

grpc::ServerWriteReactor<v1::RunResponse>* CommandsHandler::Run(grpc::CallbackServerContext* call,
                                                                const v1::RunRequest* request) {
  return Stream<v1::RunResponse>(*call, context_, "Run", RunCommandOptionsFromProto(*request),
                                 &nopo::RunCommand);
}

grpc::ServerBidiReactor<v1::RunOnTerminalRequest, v1::RunOnTerminalResponse>*
CommandsHandler::RunOnTerminal(grpc::CallbackServerContext* call) {
  return StreamOnTerminal<v1::RunOnTerminalRequest, v1::RunOnTerminalResponse, RunCommandOptions>(
      *call, context_, "RunOnTerminal",
      [](const v1::RunOnTerminalRequest& first) { return RunCommandOptionsFromProto(first.run()); },
      &nopo::RunCommand);
}

grpc::ServerBidiReactor<v1::ExecRequest, v1::ExecResponse>* CommandsHandler::Exec(
    grpc::CallbackServerContext* call) {
  return StreamOnTerminal<v1::ExecRequest, v1::ExecResponse, ExecOptions>(
      *call, context_, "Exec",
      [](const v1::ExecRequest& first) { return ExecOptionsFromProto(first.start()); },
      &nopo::Exec);
}

grpc::ServerUnaryReactor* ProjectHandler::ListTargets(grpc::CallbackServerContext* call,
                                                      const v1::ListTargetsRequest* request,
                                                      v1::ListTargetsResponse* response) {
  return new UnaryCall(context_.pool, [=, this](const Cancellation&) -> absl::Status {
    NOPO_RETURN_IF_ERROR(Admit(*call, context_, "ListTargets"));
    NOPO_ASSIGN_OR_RETURN(const ListOptions options, ListOptionsFromProto(*request));
    return AnswerWithEvents(options.caller.Wishes(), *response, [&](EventSink& events) {
      NOPO_ASSIGN_OR_RETURN(TargetListing listing,
                            nopo::ListTargets(context_.workspace, options, events));
      for (const std::string& warning : listing.warnings) {
        response->add_warnings(ValidUtf8(warning));
      }
      response->set_output(ValidUtf8(listing.output));
      return absl::OkStatus();
    });
  });
}

grpc::ServerUnaryReactor* ProjectHandler::DescribeProject(grpc::CallbackServerContext* call,
                                                          const v1::DescribeProjectRequest* request,
                                                          v1::DescribeProjectResponse* response) {
  return new UnaryCall(context_.pool, [=, this](const Cancellation&) -> absl::Status {
    NOPO_RETURN_IF_ERROR(Admit(*call, context_, "DescribeProject"));
    NOPO_ASSIGN_OR_RETURN(const Caller caller, CallerFromProto(request->caller()));
    return AnswerWithEvents(caller.Wishes(), *response, [&](EventSink& events) {
      NOPO_ASSIGN_OR_RETURN(const ProjectDescription description,
                            nopo::DescribeProject(context_.workspace, caller, events));
      *response = ProtoOf(description);
      return absl::OkStatus();
    });
  });
}

grpc::ServerUnaryReactor* ProjectHandler::GetGraph(grpc::CallbackServerContext* call,
                                                   const v1::GetGraphRequest* request,
                                                   v1::GetGraphResponse* response) {
  return new UnaryCall(context_.pool, [=, this](const Cancellation&) -> absl::Status {
    NOPO_RETURN_IF_ERROR(Admit(*call, context_, "GetGraph"));
    NOPO_ASSIGN_OR_RETURN(const GraphOptions options, GraphOptionsFromProto(*request));
    return AnswerWithEvents(options.caller.Wishes(), *response, [&](EventSink& events) {
      return AnswerText(nopo::GetGraph(context_.workspace, options, events), *response);
    });
  });
}

grpc::ServerUnaryReactor* EnvironmentHandler::RefreshEnvironment(
    grpc::CallbackServerContext* call, const v1::RefreshEnvironmentRequest* request,
    v1::RefreshEnvironmentResponse* response) {
  return new UnaryCall(context_.pool, [=, this](const Cancellation& c) -> absl::Status {
    NOPO_RETURN_IF_ERROR(Admit(*call, context_, "RefreshEnvironment"));
    NOPO_ASSIGN_OR_RETURN(const RefreshEnvironmentOptions options,
                          RefreshEnvironmentOptionsFromProto(*request));
    return AnswerWithEvents(options.caller.Wishes(), *response, [&](EventSink& events) {
      return AnswerText(nopo::RefreshEnvironment(context_.workspace, options, events, c),
                        *response);
    });
  });
}

grpc::ServerUnaryReactor* EnvironmentHandler::ExplainVariable(
    grpc::CallbackServerContext* call, const v1::ExplainVariableRequest* request,
    v1::ExplainVariableResponse* response) {
  return new UnaryCall(context_.pool, [=, this](const Cancellation&) -> absl::Status {
    NOPO_RETURN_IF_ERROR(Admit(*call, context_, "ExplainVariable"));
    NOPO_ASSIGN_OR_RETURN(const ExplainVariableOptions options,
                          ExplainVariableOptionsFromProto(*request));
    return AnswerWithEvents(options.caller.Wishes(), *response, [&](EventSink& events) {
      return AnswerText(nopo::ExplainVariable(context_.workspace, options, events), *response);
    });
  });
}

grpc::ServerUnaryReactor* DaemonHandler::Diagnose(grpc::CallbackServerContext* call,
                                                  const v1::DiagnoseRequest* request,
                                                  v1::DiagnoseResponse* response) {
  return new UnaryCall(context_.pool, [=, this](const Cancellation& c) -> absl::Status {
    NOPO_RETURN_IF_ERROR(Admit(*call, context_, "Diagnose"));
    NOPO_ASSIGN_OR_RETURN(DiagnoseOptions options, DiagnoseOptionsFromProto(*request));
    options.state_dir = std::filesystem::path(context_.log_file).parent_path();
    return AnswerWithEvents(options.caller.Wishes(), *response, [&](EventSink& events) {
      for (const Check& check : nopo::Diagnose(context_.workspace, options, events, c)) {
        *response->add_checks() = ProtoOf(check);
      }
      return absl::OkStatus();
    });
  });
}

grpc::ServerUnaryReactor* DaemonHandler::GetDaemon(grpc::CallbackServerContext* call,
                                                   const v1::GetDaemonRequest* /*request*/,
                                                   v1::GetDaemonResponse* response) {
  return new UnaryCall(context_.pool, [=, this](const Cancellation&) -> absl::Status {
    NOPO_RETURN_IF_ERROR(Admit(*call, context_, "GetDaemon"));
    const DaemonFacts facts = ReadDaemonFacts(context_);
    response->set_version(facts.version);
    response->set_pid(facts.pid);
    response->mutable_uptime()->set_seconds(absl::ToInt64Seconds(facts.uptime));
    response->set_projects(facts.projects);
    response->set_rss_bytes(facts.rss_bytes);
    response->set_operations(facts.operations);
    response->set_log_file(context_.log_file);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* DaemonHandler::CancelOperation(
    grpc::CallbackServerContext* call, const v1::CancelOperationRequest* request,
    v1::CancelOperationResponse* /*response*/) {
  return new UnaryCall(context_.pool, [=, this](const Cancellation&) -> absl::Status {
    NOPO_RETURN_IF_ERROR(Admit(*call, context_, "CancelOperation"));
    if (context_.operations.Cancel(request->operation())) return absl::OkStatus();
    return absl::NotFoundError(absl::StrCat("no operation '", request->operation(), "' runs"));
  });
}

// Served to any version: it is how a client of another one gets rid of this daemon.
grpc::ServerUnaryReactor* DaemonHandler::Stop(grpc::CallbackServerContext* /*call*/,
                                              const v1::StopRequest* /*request*/,
                                              v1::StopResponse* /*response*/) {
  return new UnaryCall(context_.pool, [this](const Cancellation&) {
    context_.stop();
    return absl::OkStatus();
  });
}

}  // namespace nopo
