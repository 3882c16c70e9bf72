#include "cli/call.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/outcome.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "nopo/v1/daemon.grpc.pb.h"
#include "nopo/v1/event.pb.h"

namespace nopo {
namespace {

// Asks the daemon to cancel what `call` started, whose stream then tells how it ended; a call that
// cannot be cancelled so is cut off. Returns at once.
void CancelThroughDaemon(const std::shared_ptr<grpc::Channel>& channel,
                         const std::shared_ptr<grpc::ClientContext>& call,
                         const std::string& operation) {
  struct Request {
    grpc::ClientContext context;
    v1::CancelOperationRequest request;
    v1::CancelOperationResponse response;
  };
  auto cancel = std::make_shared<Request>();
  cancel->context.AddMetadata("nopo-version", NOPO_VERSION);
  cancel->request.set_operation(operation);
  const std::shared_ptr<v1::DaemonService::Stub> stub = v1::DaemonService::NewStub(channel);
  stub->async()->CancelOperation(&cancel->context, &cancel->request, &cancel->response,
                                 [cancel, stub, call](const grpc::Status& status) {
                                   if (!status.ok()) call->TryCancel();
                                 });
}

// Unique among the operations of one user's daemon.
std::string NewOperationName() {
  return absl::StrCat(::getpid(), "-", absl::ToUnixNanos(absl::Now()));
}

absl::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel,
                      const Cancellation& cancellation, const DaemonCall& call,
                      Observation& observation) {
  const auto context = std::make_shared<grpc::ClientContext>();
  const std::string operation = NewOperationName();
  context->AddMetadata("nopo-version", NOPO_VERSION);
  context->AddMetadata("nopo-operation", operation);
  const auto registration =
      cancellation.OnCancel([&] { CancelThroughDaemon(channel, context, operation); });
  const grpc::Status status = call(channel, *context);
  observation.Receive(EventsOf(status).events());
  return OutcomeOf(status);
}

}  // namespace

absl::Status CallDaemon(DaemonConnection& daemon, const Cancellation& cancellation,
                        const DaemonCall& call) {
  Observation& observation = daemon.observation();
  NOPO_RETURN_IF_ERROR(observation.Measure("connect", [&] { return daemon.Connect(); }));
  const auto call_once = [&] {
    return CallOnce(daemon.channel(), cancellation, call, observation);
  };
  absl::Status outcome = observation.Measure("call", call_once);
  if (ReasonOf(outcome) == Reason::kVersionMismatch) {
    NOPO_RETURN_IF_ERROR(observation.Measure("replace nopod", [&] { return daemon.Replace(); }));
    outcome = observation.Measure("call", call_once);
  }
  if (!outcome.ok() && cancellation.IsCancelled()) {
    return MakeError(absl::StatusCode::kCancelled, Reason::kInterrupted, "interrupted");
  }
  return outcome;
}

absl::Status CallRunningDaemon(DaemonConnection& daemon, const DaemonCall& call) {
  NOPO_RETURN_IF_ERROR(daemon.ConnectToRunning());
  grpc::ClientContext context;
  return OutcomeOf(call(daemon.channel(), context));
}

}  // namespace nopo
