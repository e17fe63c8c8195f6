//! Plots as SVG.

use std::ops::Range;

use anyhow::{Result, anyhow};
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

use super::super::{Curve, MEASURES, Outcome};

const SIZE: (u32, u32) = (680, 400);
/// Colours that are told apart by the colour-blind too; the first is Girih's.
const COLORS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(90, 90, 90),
];

type Line = (String, Vec<(f64, f64)>);

/// Quality against rate, by one of the measures.
pub fn rate_distortion(o: &Outcome, measure: usize) -> Result<String> {
    let seconds = o.clip.seconds();
    let (_, quality) = MEASURES[measure];
    let line = |c: &Curve| {
        let mut points: Vec<_> = c
            .points
            .iter()
            .filter_map(|p| Some((p.bytes as f64 * 8.0 / 1000.0 / seconds, quality(p)?)))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        (c.name.clone(), points)
    };
    let lines: Vec<Line> = o.curves.iter().map(line).collect();
    let label = ["PSNR-Y in dB", "PSNR-YUV in dB", "SSIM in dB: -10 log10(1 - SSIM)", "VMAF"][measure];
    svg(&lines, |x| (x.start * 0.95..x.end * 1.05).log_scale(), ("kbit/s", label), true)
}

/// Values of each frame.
pub fn per_frame(lines: &[Line], label: &str) -> Result<String> {
    svg(lines, |x| x, ("frame", label), false)
}

/// The plot of lines; `scale` makes an axis of the range of their first values.
fn svg<X>(
    lines: &[Line],
    scale: impl Fn(Range<f64>) -> X,
    labels: (&str, &str),
    points: bool,
) -> Result<String>
where
    X: AsRangedCoord<Value = f64, CoordDescType: ValueFormatter<f64>>,
{
    let x = extent(lines.iter().flat_map(|l| &l.1).map(|p| p.0), 0.0);
    let y = extent(lines.iter().flat_map(|l| &l.1).map(|p| p.1), 0.05);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        area.fill(&WHITE).map_err(fault)?;
        let chart = ChartBuilder::on(&area)
            .margin(8)
            .x_label_area_size(40)
            .y_label_area_size(50)
            .build_cartesian_2d(scale(x), y)
            .map_err(fault)?;
        draw(chart, lines, labels, points)?;
    }
    Ok(svg)
}

fn draw<'a, X>(
    mut chart: ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, plotters::coord::types::RangedCoordf64>>,
    lines: &[Line],
    (x, y): (&str, &str),
    points: bool,
) -> Result<()>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    chart
        .configure_mesh()
        .x_labels(20)
        .x_desc(x)
        .y_desc(y)
        .x_label_formatter(&|v| short(*v))
        .y_label_formatter(&|v| short(*v))
        .light_line_style(WHITE)
        .draw()
        .map_err(fault)?;
    for ((name, values), color) in lines.iter().zip(COLORS.iter().cycle()) {
        let series = LineSeries::new(values.iter().copied(), color.stroke_width(2));
        chart
            .draw_series(series)
            .map_err(fault)?
            .label(name)
            .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
        if points {
            let dots = values.iter().map(|&p| Circle::new(p, 3, color.filled()));
            chart.draw_series(dots).map_err(fault)?;
        }
    }
    chart
        .configure_series_labels()
        .position(if points { SeriesLabelPosition::LowerRight } else { SeriesLabelPosition::UpperRight })
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()
        .map_err(fault)?;
    Ok(())
}

/// The range of values, a little wider, and never empty.
fn extent(values: impl Iterator<Item = f64>, margin: f64) -> Range<f64> {
    let (low, high) = values
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return 0.0..1.0;
    }
    let more = ((high - low) * margin).max(1e-3);
    low - more * f64::from(u8::from(margin > 0.0))..high + more
}

fn short(v: f64) -> String {
    if v.abs() >= 100.0 || v.fract() == 0.0 { format!("{v:.0}") } else { format!("{v:.1}") }
}

fn fault(e: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("cannot plot: {e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plots_are_svg_even_without_points() -> Result<()> {
        for lines in
            [vec![], vec![("girih".into(), vec![(0.0, 30.0), (1.0, 31.0)])], vec![("x".into(), vec![])]]
        {
            let svg = per_frame(&lines, "dB")?;
            assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        }
        Ok(())
    }
}
