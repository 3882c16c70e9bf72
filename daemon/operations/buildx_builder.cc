#include "daemon/operations/buildx_builder.h"

#include <unistd.h>

#include <boost/json.hpp>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/docker/docker_config.h"
#include "daemon/docker/json_fields.h"

namespace nopo {
namespace {

namespace fs = std::filesystem;

fs::path InstancesFolder(const EnvironmentReader& environment) {
  if (const std::string folder = environment("BUILDX_CONFIG"); !folder.empty()) {
    return fs::path(folder) / "instances";
  }
  return DockerConfigFolder(environment) / "buildx" / "instances";
}

// Null for one without nodes.
boost::json::value FirstNode(const boost::json::value& builder) {
  const boost::json::array& nodes = Elements(FieldAt(builder, {"Nodes"}));
  return nodes.empty() ? boost::json::value() : nodes.front();
}

absl::Status Refused(const std::string& name, absl::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                   absl::StrCat("DOCKER_BUILDER=", name, ": ", problem),
                   {absl::StrCat("`docker buildx inspect ", name,
                                 "` shows the builder; unset "
                                 "DOCKER_BUILDER to build with the engine's own BuildKit")});
}

absl::StatusOr<std::optional<TlsSettings>> TlsOf(const std::string& name,
                                                 const boost::json::value& node) {
  TlsSettings settings{.authority = TextAt(node, {"DriverOpts", "cacert"}),
                       .certificate = TextAt(node, {"DriverOpts", "cert"}),
                       .key = TextAt(node, {"DriverOpts", "key"}),
                       .server_name = TextAt(node, {"DriverOpts", "servername"}),
                       .protocol = "h2"};
  for (const std::string& file : {settings.authority, settings.certificate, settings.key}) {
    if (file.empty() || ::access(file.c_str(), R_OK) == 0) continue;
    return Refused(name, absl::StrCat("cannot read ", file));
  }
  if (settings.authority.empty() && settings.certificate.empty()) {
    return std::optional<TlsSettings>();
  }
  return settings;
}

absl::StatusOr<BuildkitAddress> AddressOf(const std::string& name, const boost::json::value& node) {
  const std::string text = TextAt(node, {"Endpoint"});
  absl::StatusOr<Endpoint> endpoint = ParseEndpoint(text, kBuildkitPort);
  if (!endpoint.ok()) {
    return Refused(name,
                   absl::StrCat("its endpoint '", text, "' is no address that nopo can build at"));
  }
  BuildkitAddress address{.endpoint = *std::move(endpoint), .in_engine = false};
  if (address.endpoint.kind == Endpoint::Kind::kUnix) return address;
  NOPO_ASSIGN_OR_RETURN(address.endpoint.tls, TlsOf(name, node));
  return address;
}

}  // namespace

absl::StatusOr<BuildxBuilder> FindBuildxBuilder(const std::string& name,
                                                const EnvironmentReader& environment) {
  if (name == "default") return BuildxBuilder();
  const fs::path file = fs::path(name).filename();
  if (file != name || name == "." || name == "..")
    return Refused(name, "this is no builder's name");
  NOPO_ASSIGN_OR_RETURN(const auto builder,
                        ReadDockerConfigFile(InstancesFolder(environment) / file));
  if (!builder.has_value()) return BuildxBuilder{.why_not = "buildx knows no such builder"};
  const std::string driver = TextAt(*builder, {"Driver"});
  if (driver == "docker") return BuildxBuilder();
  const boost::json::value node = FirstNode(*builder);
  if (driver == "docker-container") {
    if (TextAt(node, {"Name"}).empty()) return Refused(name, "its file names no node");
    return BuildxBuilder{.container = absl::StrCat("buildx_buildkit_", TextAt(node, {"Name"}))};
  }
  if (driver != "remote") {
    return BuildxBuilder{.why_not = absl::StrCat("its driver is '", driver, "'")};
  }
  NOPO_ASSIGN_OR_RETURN(BuildkitAddress address, AddressOf(name, node));
  return BuildxBuilder{.address = std::move(address)};
}

}  // namespace nopo
