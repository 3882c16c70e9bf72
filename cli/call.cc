#include "cli/call.h"

#include <grpcpp/grpcpp.h>

#include "cli/outcome.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

absl::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel,
                      const Cancellation& cancellation, const DaemonCall& call) {
  grpc::ClientContext context;
  context.AddMetadata("nopo-version", NOPO_VERSION);
  const auto registration = cancellation.OnCancel([&context] { context.TryCancel(); });
  return OutcomeOf(call(channel, context));
}

}  // namespace

absl::Status CallDaemon(DaemonConnection& daemon, const Cancellation& cancellation,
                        const DaemonCall& call) {
  NOPO_RETURN_IF_ERROR(daemon.Connect());
  absl::Status outcome = CallOnce(daemon.channel(), cancellation, call);
  if (ReasonOf(outcome) == Reason::kVersionMismatch) {
    NOPO_RETURN_IF_ERROR(daemon.Replace());
    outcome = CallOnce(daemon.channel(), cancellation, call);
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
