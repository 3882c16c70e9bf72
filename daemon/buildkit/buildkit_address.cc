#include "daemon/buildkit/buildkit_address.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

namespace fs = std::filesystem;

absl::Status Refused(absl::string_view host, absl::string_view problem) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
      absl::StrCat("BUILDKIT_HOST=", host, ": ", problem),
      {"Accepted are unix:///path, docker-container://name and tcp://host[:port], for TLS with "
       "BUILDKIT_TLS_DIR=/folder of ca.pem, cert.pem and key.pem. Unset it to build "
       "with the engine's own BuildKit."});
}

bool CanRead(const fs::path& file) { return ::access(file.c_str(), R_OK) == 0; }

absl::StatusOr<TlsSettings> SettingsIn(absl::string_view host, const fs::path& folder) {
  TlsSettings settings{.authority = folder / "ca.pem", .protocol = "h2"};
  if (!CanRead(settings.authority)) {
    return Refused(host,
                   absl::StrCat("cannot read ", settings.authority, ": ", std::strerror(errno)));
  }
  const fs::path certificate = folder / "cert.pem";
  const fs::path key = folder / "key.pem";
  if (CanRead(certificate) != CanRead(key)) {
    return Refused(host, absl::StrCat(folder.string(), " has one of cert.pem and key.pem only"));
  }
  if (CanRead(certificate)) {
    settings.certificate = certificate;
    settings.key = key;
  }
  return settings;
}

}  // namespace

std::string BuildkitAddress::ToString() const {
  if (!container.empty()) {
    return absl::StrCat("BuildKit in the container ", container, " at ", endpoint.ToString());
  }
  return absl::StrCat(in_engine ? "BuildKit of the engine at " : "BuildKit at ",
                      endpoint.ToString(), endpoint.tls.has_value() ? " (TLS)" : "");
}

absl::StatusOr<BuildkitAddress> ParseBuildkitHost(
    absl::string_view host, const std::function<std::string(absl::string_view)>& variable) {
  absl::StatusOr<Endpoint> endpoint = ParseEndpoint(host, kBuildkitPort);
  if (!endpoint.ok()) return Refused(host, "it is no address that nopo can build at");
  BuildkitAddress address{.endpoint = *std::move(endpoint), .in_engine = false};
  const std::string folder = variable("BUILDKIT_TLS_DIR");
  if (address.endpoint.kind == Endpoint::Kind::kUnix || folder.empty()) return address;
  NOPO_ASSIGN_OR_RETURN(address.endpoint.tls, SettingsIn(host, folder));
  address.endpoint.tls->server_name = variable("BUILDKIT_TLS_SERVER_NAME");
  return address;
}

}  // namespace nopo
