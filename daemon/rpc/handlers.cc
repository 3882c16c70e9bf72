#include "daemon/rpc/handlers.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/utf8.h"
#include "daemon/rpc/daemon_facts.h"
#include "daemon/rpc/methods.h"
#include "daemon/rpc/request_translation.h"
#include "daemon/rpc/response_translation.h"
#include "daemon/rpc/unary_events.h"

namespace nopo {
namespace {

void ServeLifecycle(v1::LifecycleService::AsyncService& service, CallQueue& queue,
                    const HandlerContext& context) {
  using Service = v1::LifecycleService::AsyncService;
  Methods methods(service, queue, context);
  methods.Stream(&Service::RequestUp, "Up", &UpOptionsFromProto, &Up);
  methods.Stream(
      &Service::RequestWatch, "Watch",
      +[](const v1::WatchRequest& request) { return UpOptionsFromProto(request.round()); }, &Watch);
  methods.Stream(&Service::RequestDown, "Down", &DownOptionsFromProto, &Down);
  methods.Stream(&Service::RequestStreamLogs, "StreamLogs", &LogsOptionsFromProto, &StreamLogs);
  methods.AnswerText(&Service::RequestGetStatus, "GetStatus", &StatusOptionsFromProto,
                     [&context](StatusOptions& options, EventSink& events, const Cancellation& c) {
                       options.daemon = ReadDaemonFacts(context);
                       return GetStatus(context.workspace, options, events, c);
                     });
}

void ServeBuild(v1::BuildService::AsyncService& service, CallQueue& queue,
                const HandlerContext& context) {
  using Service = v1::BuildService::AsyncService;
  Methods methods(service, queue, context);
  methods.Stream(&Service::RequestBuild, "Build", &BuildOptionsFromProto, &Build);
  methods.Stream(&Service::RequestPull, "Pull", &PullOptionsFromProto, &Pull);
  methods.AnswerText(&Service::RequestExplainBuilds, "ExplainBuilds",
                     &ExplainBuildsOptionsFromProto,
                     [&context](const auto& options, EventSink& events, const Cancellation& c) {
                       return ExplainBuilds(context.workspace, options, events, c);
                     });
  methods.AnswerText(&Service::RequestListBuilds, "ListBuilds", &ListBuildsOptionsFromProto,
                     [&context](const auto& options, EventSink& events, const Cancellation&) {
                       return ListBuilds(context.workspace, options, events);
                     });
}

void ServeCommands(v1::CommandsService::AsyncService& service, CallQueue& queue,
                   const HandlerContext& context) {
  using Service = v1::CommandsService::AsyncService;
  Methods methods(service, queue, context);
  methods.Stream(&Service::RequestRun, "Run", &RunCommandOptionsFromProto, &RunCommand);
  methods.StreamOnTerminal(
      &Service::RequestRunOnTerminal, "RunOnTerminal",
      +[](const v1::RunOnTerminalRequest& first) {
        return RunCommandOptionsFromProto(first.run());
      },
      &RunCommand);
  methods.StreamOnTerminal(
      &Service::RequestExec, "Exec",
      +[](const v1::ExecRequest& first) { return ExecOptionsFromProto(first.start()); }, &Exec);
}

void ServeProject(v1::ProjectService::AsyncService& service, CallQueue& queue,
                  const HandlerContext& context) {
  using Service = v1::ProjectService::AsyncService;
  Methods methods(service, queue, context);
  methods.AnswerText(&Service::RequestGetGraph, "GetGraph", &GraphOptionsFromProto,
                     [&context](const auto& options, EventSink& events, const Cancellation&) {
                       return GetGraph(context.workspace, options, events);
                     });
  methods.Answer(
      &Service::RequestListTargets, "ListTargets",
      [&context](const v1::ListTargetsRequest& request, v1::ListTargetsResponse& response,
                 const Cancellation&) -> absl::Status {
        NOPO_ASSIGN_OR_RETURN(const ListOptions options, ListOptionsFromProto(request));
        return AnswerWithEvents(
            options.caller.Wishes(), response, [&](EventSink& events) -> absl::Status {
              NOPO_ASSIGN_OR_RETURN(const TargetListing listing,
                                    ListTargets(context.workspace, options, events));
              for (const std::string& warning : listing.warnings) {
                response.add_warnings(ValidUtf8(warning));
              }
              response.set_output(ValidUtf8(listing.output));
              return absl::OkStatus();
            });
      });
  methods.Answer(
      &Service::RequestDescribeProject, "DescribeProject",
      [&context](const v1::DescribeProjectRequest& request, v1::DescribeProjectResponse& response,
                 const Cancellation&) -> absl::Status {
        NOPO_ASSIGN_OR_RETURN(const Caller caller, CallerFromProto(request.caller()));
        return AnswerWithEvents(caller.Wishes(), response, [&](EventSink& events) -> absl::Status {
          NOPO_ASSIGN_OR_RETURN(const ProjectDescription description,
                                DescribeProject(context.workspace, caller, events));
          response = ProtoOf(description);
          return absl::OkStatus();
        });
      });
}

void ServeEnvironment(v1::EnvironmentService::AsyncService& service, CallQueue& queue,
                      const HandlerContext& context) {
  using Service = v1::EnvironmentService::AsyncService;
  Methods methods(service, queue, context);
  methods.AnswerText(&Service::RequestRefreshEnvironment, "RefreshEnvironment",
                     &RefreshEnvironmentOptionsFromProto,
                     [&context](const auto& options, EventSink& events, const Cancellation& c) {
                       return RefreshEnvironment(context.workspace, options, events, c);
                     });
  methods.AnswerText(&Service::RequestExplainVariable, "ExplainVariable",
                     &ExplainVariableOptionsFromProto,
                     [&context](const auto& options, EventSink& events, const Cancellation&) {
                       return ExplainVariable(context.workspace, options, events);
                     });
}

void AnswerGetDaemon(const HandlerContext& context, v1::GetDaemonResponse& response) {
  const DaemonFacts facts = ReadDaemonFacts(context);
  response.set_version(facts.version);
  response.set_pid(facts.pid);
  response.mutable_uptime()->set_seconds(absl::ToInt64Seconds(facts.uptime));
  response.set_projects(facts.projects);
  response.set_rss_bytes(facts.rss_bytes);
  response.set_operations(facts.operations);
  response.set_log_file(context.log_file);
}

absl::Status AnswerDiagnose(const HandlerContext& context, const v1::DiagnoseRequest& request,
                            v1::DiagnoseResponse& response, const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(DiagnoseOptions options, DiagnoseOptionsFromProto(request));
  options.state_dir = std::filesystem::path(context.log_file).parent_path();
  return AnswerWithEvents(options.caller.Wishes(), response, [&](EventSink& events) {
    for (const Check& check : Diagnose(context.workspace, options, events, cancellation)) {
      *response.add_checks() = ProtoOf(check);
    }
    return absl::OkStatus();
  });
}

void ServeDaemon(v1::DaemonService::AsyncService& service, CallQueue& queue,
                 const HandlerContext& context) {
  using Service = v1::DaemonService::AsyncService;
  Methods methods(service, queue, context);
  methods.Answer(&Service::RequestGetDaemon, "GetDaemon",
                 [&context](const auto&, auto& response, const Cancellation&) {
                   AnswerGetDaemon(context, response);
                   return absl::OkStatus();
                 });
  methods.Answer(&Service::RequestDiagnose, "Diagnose",
                 [&context](const auto& request, auto& response, const Cancellation& c) {
                   return AnswerDiagnose(context, request, response, c);
                 });
  methods.Answer(
      &Service::RequestCancelOperation, "CancelOperation",
      [&context](const auto& request, auto&, const Cancellation&) {
        if (context.operations.Cancel(request.operation())) return absl::OkStatus();
        return absl::NotFoundError(absl::StrCat("no operation '", request.operation(), "' runs"));
      });
  // It is how a client of another version gets rid of this daemon.
  methods.AnswerAnyVersion(&Service::RequestStop,
                           [&context](const auto&, const auto&, auto&, const Cancellation&) {
                             context.stop();
                             return absl::OkStatus();
                           });
}

// Whether the service of that name is one that this server has; "" is the server.
bool Serves(const std::string& service) {
  return service.empty() || service == v1::LifecycleService::service_full_name() ||
         service == v1::BuildService::service_full_name() ||
         service == v1::CommandsService::service_full_name() ||
         service == v1::ProjectService::service_full_name() ||
         service == v1::EnvironmentService::service_full_name() ||
         service == v1::DaemonService::service_full_name();
}

void ServeHealth(HealthService::AsyncService& service, CallQueue& queue,
                 const HandlerContext& context) {
  using Service = HealthService::AsyncService;
  Methods methods(service, queue, context);
  methods.AnswerAnyVersion(
      &Service::RequestCheck,
      [](const auto&, const auto& request, auto& response, const Cancellation&) -> absl::Status {
        if (!Serves(request.service())) {
          return absl::NotFoundError(absl::StrCat("no service '", request.service(), "'"));
        }
        response.set_status(HealthWatch::Response::SERVING);
        return absl::OkStatus();
      });
  methods.WatchHealth(&Service::RequestWatch, [](const HealthWatch::Request& request) {
    HealthWatch::Response response;
    response.set_status(Serves(request.service()) ? HealthWatch::Response::SERVING
                                                  : HealthWatch::Response::SERVICE_UNKNOWN);
    return response;
  });
}

}  // namespace

void Register(Services& services, grpc::ServerBuilder& builder) {
  builder.RegisterService(&services.lifecycle);
  builder.RegisterService(&services.build);
  builder.RegisterService(&services.commands);
  builder.RegisterService(&services.project);
  builder.RegisterService(&services.environment);
  builder.RegisterService(&services.daemon);
  builder.RegisterService(&services.health);
}

void Serve(Services& services, CallQueue& queue, const HandlerContext& context) {
  ServeLifecycle(services.lifecycle, queue, context);
  ServeBuild(services.build, queue, context);
  ServeCommands(services.commands, queue, context);
  ServeProject(services.project, queue, context);
  ServeEnvironment(services.environment, queue, context);
  ServeDaemon(services.daemon, queue, context);
  ServeHealth(services.health, queue, context);
}

}  // namespace nopo
