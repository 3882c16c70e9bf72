// What operations return into responses on the wire.
#pragma once

#include "daemon/operations/describe_project.h"
#include "daemon/operations/diagnose.h"
#include "nopo/v1/daemon.pb.h"
#include "nopo/v1/project.pb.h"

namespace nopo {

v1::DescribeProjectResponse ProtoOf(const ProjectDescription& description);
v1::DiagnoseResponse::Check ProtoOf(const Check& check);

}  // namespace nopo
