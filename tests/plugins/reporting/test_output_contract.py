from dataagents.core.testing import OutputContract
from dataagents.plugins.reporting.report import ReportOutput


class TestReportOutput(OutputContract):
    def output(self):
        return ReportOutput()
