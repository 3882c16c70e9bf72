#include "daemon/rpc/admission.h"

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/logging.h"

namespace nopo {
namespace {

// "" when the call has no such metadata.
std::string Metadata(const grpc::ServerContext& call, const char* key) {
  const auto found = call.client_metadata().find(key);
  if (found == call.client_metadata().end()) return "";
  return std::string(found->second.data(), found->second.size());
}

}  // namespace

absl::Status Admit(const grpc::ServerContext& call, const HandlerContext& context,
                   absl::string_view method) {
  const std::string version = Metadata(call, "nopo-version");
  LogDebug(absl::StrCat("call of ", method, version.empty() ? "" : " by nopo ", version));
  if (version.empty() || version == NOPO_VERSION) return absl::OkStatus();
  context.retire();
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kVersionMismatch,
                   absl::StrCat("the daemon is version ", NOPO_VERSION, ", the client ", version));
}

std::string OperationName(const grpc::ServerContext& call) {
  return Metadata(call, "nopo-operation");
}

}  // namespace nopo
