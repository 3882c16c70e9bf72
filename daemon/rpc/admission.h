// Whether a call is served, and what its metadata says.
#pragma once

#include <grpcpp/server_context.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/rpc/handler_context.h"

namespace nopo {

// Notes the call in the log. A CLI of another version is asked to start its own daemon, and this
// one makes room for it.
//
// Errors: VERSION_MISMATCH.
absl::Status Admit(const grpc::ServerContext& call, const HandlerContext& context,
                   absl::string_view method);

// The name that the client gave its operation; may be empty.
std::string OperationName(const grpc::ServerContext& call);

}  // namespace nopo
